/// What was written for each declaration of a command, before any value is read.
struct Scan {
    /// The texts of each declaration, in order of occurrence; a flag's are `Flag.on` and `Flag.off`.
    private(set) var texts: [Int: [String]] = [:]
    private(set) var faults: [Fault] = []
    private(set) var asksForHelp = false
    private(set) var asksForVersion = false

    private let signature: Signature
    private var positions: [Int]
    private var arguments: ArraySlice<String>

    init(_ arguments: ArraySlice<String>, _ signature: Signature) {
        (self.signature, self.arguments, positions) = (signature, arguments, signature.positions)
        while let argument = self.arguments.popFirst() {
            let bytes = Array(argument.utf8)
            if argument == "--" {
                while let rest = self.arguments.popFirst() { takePosition(rest) }
            } else if bytes.starts(with: [Self.dash, Self.dash]) {
                takeLong(argument)
            } else if Self.isOption(argument) {
                takeShort(argument)
            } else {
                takePosition(argument)
            }
        }
    }

    private static let dash = UInt8(ascii: "-")

    /// Whether it is a name and not a value: `-5` and `-` alone are values.
    static func isOption(_ argument: String) -> Bool {
        let bytes = Array(argument.utf8)
        return bytes.count > 1 && bytes[0] == dash && !(48...57).contains(bytes[1])
    }

    private mutating func takeLong(_ argument: String) {
        let rest = argument.utf8.dropFirst(2)
        let end = rest.firstIndex(of: UInt8(ascii: "="))
        // An index of the UTF-8 view before an ASCII byte is one between scalars.
        let name = String(argument.unicodeScalars[rest.startIndex..<(end ?? rest.endIndex)])
        let attached = end.map { String(argument.unicodeScalars[rest.index(after: $0)...]) }
        guard let index = signature.index(ofLongName: name) else {
            return takeUnknown(name, attached)
        }
        switch signature.declarations[index].kind {
        case .option:
            takeValue(of: index, attached)
        case .flag, .invertibleFlag, .argument:
            guard attached == nil else {
                return faults.append(Fault("--\(name.shown) takes no value.", index))
            }
            let isOff = name != signature.declarations[index].name
            texts[index, default: []].append(isOff ? Flag.off : Flag.on)
        }
    }

    private mutating func takeUnknown(_ name: String, _ attached: String?) {
        if name == "help", attached == nil { return asksForHelp = true }
        if name == "version", attached == nil { return asksForVersion = true }
        let known = signature.visible.flatMap(\.longNames) + ["help", "version"]
        let nearest = Nearest.name(to: name, among: known).map { " Did you mean '--\($0)'?" } ?? ""
        faults.append(Fault("Unknown option '--\(name.shown)'.\(nearest)"))
        // Its value is no positional one, where it has any: one mistake makes one error.
        if !nearest.isEmpty, attached == nil, let known = Nearest.name(to: name, among: known),
            let index = signature.index(ofLongName: known), signature.declarations[index].kind == .option,
            let next = arguments.first, !Self.isOption(next)
        {
            arguments.removeFirst()
        }
    }

    /// Letters of flags, together or alone: `-q`, `-qh`.
    private mutating func takeShort(_ argument: String) {
        for scalar in argument.unicodeScalars.dropFirst() {
            let letter = Character(scalar)
            if let index = signature.index(ofShortName: letter) {
                texts[index, default: []].append(Flag.on)
            } else if letter == "h" {
                asksForHelp = true
            } else {
                faults.append(Fault("Unknown option '-\(String(scalar).shown)'."))
                return
            }
        }
    }

    private mutating func takeValue(of index: Int, _ attached: String?) {
        if let attached { return texts[index, default: []].append(attached) }
        guard let next = arguments.first, !Self.isOption(next) else {
            return faults.append(Fault("Missing value for '\(signature.declarations[index].label)'.", index))
        }
        arguments.removeFirst()
        texts[index, default: []].append(next)
    }

    private mutating func takePosition(_ text: String) {
        guard !positions.isEmpty else {
            return faults.append(Fault("Unexpected argument '\(text.shown)'."))
        }
        texts[positions.removeFirst(), default: []].append(text)
    }
}

/// One thing that is wrong with a command line.
struct Fault {
    let text: String
    /// The declaration whose help belongs to it.
    let declaration: Int?

    init(_ text: String, _ declaration: Int? = nil) {
        (self.text, self.declaration) = (text, declaration)
    }
}

extension String {
    /// What somebody wrote, as an error may show it: one line without control characters, of bounded length, and
    /// without what stands before the host of a URL, which may be a password.
    var shown: String {
        var text = ""
        var scalars = unicodeScalars[...]
        if let at = scalars.lastIndex(of: "@"), let colon = scalars[..<at].firstIndex(of: ":"),
            scalars[colon..<at].starts(with: "://".unicodeScalars)
        {
            text = String(scalars[..<colon]) + "://…"
            guard text.unicodeScalars.allSatisfy({ $0.isASCII || $0 == "…" }), text.utf8.count < 40 else {
                return "…"
            }
            scalars = scalars[at...]
        }
        for scalar in scalars.prefix(200) {
            if scalar.isHidden { text += scalar.escaped } else { text.unicodeScalars.append(scalar) }
        }
        return scalars.count > 200 ? text + "…" : text
    }
}
