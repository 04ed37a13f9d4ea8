import CLibPQ

/// What a server reports of an error or beside an answer, as far as it may be shown.
///
/// PostgreSQL quotes values of rows in messages of classes 22 and 23, functions put into theirs what they like, and
/// the words may be translated (`lc_messages`). DETAIL, HINT and CONTEXT quote whole rows and are not taken; the names
/// of table, column, type and constraint come in fields of their own (PostgreSQL manual, section 55.8).
struct ServerReport {
    var sqlState: SQLState
    /// The primary message.
    var message: String
    /// Whether the message points to a place in the statement's text: then it speaks of the statement.
    var hasPosition = false
    var table: (schema: String?, name: String)?
    var column: String?
    var dataType: String?
    var constraint: String?
    /// The file of the server's source that the message was made in; its name is not translated.
    var sourceFile: String?
    /// The first line of the context.
    var innermostContext: String?

    /// The message without values, and the names that it leaves out.
    var text: String {
        if isWordedByFunction {
            let place = sourceFile == Self.procedureFile ? innermostContext : nil
            return named("an error raised by \(place ?? "a function")")
                + " (its words may hold values; they are in the server's log)"
        }
        return named(mayQuoteValues ? withoutValues(message) : message)
    }

    /// Whether the words are a function's own: then they may hold any value, unquoted.
    private var isWordedByFunction: Bool {
        if let sourceFile, Self.languageFiles.contains(sourceFile) { return true }
        return !Self.serverClasses.contains(sqlState.classCode)
    }

    private var mayQuoteValues: Bool {
        switch sqlState.classCode {
        case "22", "23", "HV": return true
        // The input functions of tsquery, jsonpath and the like report the syntax of a value as that of a statement.
        default: return !hasPosition && (sqlState == "42601" || sqlState == "42602")
        }
    }

    /// The text, and after it the names that do not stand in it.
    private func named(_ text: String) -> String {
        var names: [String] = []
        func add(_ kind: String, _ name: String?, shown: String? = nil) {
            guard let name, !name.isEmpty, Self.firstIndex(of: "\"\(name)\"", in: text) == nil else { return }
            names.append("\(kind) \(shown ?? name)")
        }
        if let table { add("table", table.name, shown: (table.schema.map { "\($0)." } ?? "") + table.name) }
        add("column", column)
        add("type", dataType)
        add("constraint", constraint)
        return names.isEmpty ? text : "\(text) [\(names.joined(separator: ", "))]"
    }

    /// The message with an ellipsis in place of everything that could be a value.
    ///
    /// A value stands in quotation marks, or after a colon, or as bytes that begin with 0x. It may hold quotation
    /// marks itself, so all from the first mark to the last one goes, but for marks around the names of the report.
    private func withoutValues(_ message: String) -> String {
        let scalars = Array(message.unicodeScalars)
        let names = [table?.schema, table?.name, column, dataType, constraint].compactMap(\.self)
            .filter { !$0.isEmpty }.map { Array("\"\($0)\"".unicodeScalars) }
        var start = 0
        while start < scalars.count {
            if let name = names.first(where: { scalars[start...].starts(with: $0) }) {
                start += name.count
            } else if Self.isQuote(scalars[start]) || Self.isColon(scalars[start])
                || scalars[start...].starts(with: "0x".unicodeScalars)
            {
                break
            } else {
                start += 1
            }
        }
        guard start < scalars.count else { return message }
        var kept = Array(scalars[..<start])
        if Self.isColon(scalars[start]) { return Self.text(kept) }
        kept.append("…")
        // The marks of a language come in pairs: after the last of the same sort the server's own words go on.
        let isASCII = scalars[start].isASCII
        if Self.isQuote(scalars[start]),
            let end = scalars.lastIndex(where: { Self.isQuote($0) && $0.isASCII == isASCII }), end > start
        {
            let tail = scalars[(end + 1)...]
            let isPlain = !tail.contains { Self.isColon($0) || Self.isQuote($0) || ("0"..."9").contains($0) }
            if isPlain { kept += tail }
        }
        return Self.text(kept)
    }

    private static func text(_ scalars: [Unicode.Scalar]) -> String {
        String(String.UnicodeScalarView(scalars))
    }

    private static func firstIndex(of part: String, in text: String) -> Int? {
        let (text, part) = (Array(text.utf8), Array(part.utf8))
        guard text.count >= part.count else { return nil }
        return (0...(text.count - part.count)).first { text[$0...].starts(with: part) }
    }

    /// The marks that PostgreSQL's translations quote with.
    private static func isQuote(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\"", "'", "`", "\u{AB}", "\u{BB}", "\u{2018}"..."\u{201F}", "\u{2039}", "\u{203A}",
            "\u{3008}"..."\u{300F}", "\u{FF02}", "\u{FF07}":
            return true
        default: return false
        }
    }

    private static func isColon(_ scalar: Unicode.Scalar) -> Bool { scalar == ":" || scalar == "\u{FF1A}" }

    /// Where PL/pgSQL's RAISE and ASSERT are.
    private static let procedureFile = "pl_exec.c"

    /// Where the languages that come with PostgreSQL pass on the words of their functions.
    private static let languageFiles: Set = [
        procedureFile, "plperl.c", "Util.xs", "plpy_elog.c", "plpy_plpymodule.c", "pltcl.c",
    ]

    /// The classes of errors that the server itself words; a function may raise any five characters.
    private static let serverClasses: Set = [
        "00", "01", "02", "03", "08", "09", "0A", "0B", "0F", "0L", "0P", "0Z", "10", "20", "21", "22", "23",
        "24", "25", "26", "27", "28", "2B", "2D", "2F", "34", "3B", "3D", "3F", "40", "42", "44", "53", "54",
        "55", "57", "58", "72", "F0", "HV", "XX",
    ]
}

extension ServerReport {
    /// Takes the fields of an error or a notice; `nil` where libpq made the result and no server.
    ///
    /// - Parameter result: lent for the call.
    init?(_ result: OpaquePointer) {
        // The character codes are those of libpq's PG_DIAG_… macros, which Swift does not import.
        func field(_ code: Unicode.Scalar) -> String? {
            PQresultErrorField(result, Int32(code.value)).map { String(cString: $0) }
        }
        guard let state = field("C") else { return nil }
        sqlState = SQLState(state)
        message = (field("M") ?? "").withoutRemarks
        hasPosition = field("P") != nil || field("p") != nil
        table = field("t").map { (field("s"), $0) }
        (column, dataType, constraint) = (field("c"), field("d"), field("n"))
        sourceFile = field("F")
        innermostContext = field("W")?.firstLine
    }

    init(sqlState: SQLState, message: String) {
        (self.sqlState, self.message) = (sqlState, message)
    }
}

extension String {
    fileprivate var firstLine: String {
        String(Substring(unicodeScalars.prefix { $0 != "\n" }))
    }
}
