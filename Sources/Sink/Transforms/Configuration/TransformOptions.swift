/// The options of one transform or predicate, taken one by one; what is wrong with them is remembered.
struct TransformOptions {
    /// `transforms.NAME.`, in front of each option's name.
    let prefix: String
    private var rest: [String: String]
    private(set) var problems: [(property: String, value: String?, reason: String)] = []

    init(prefix: String, _ options: [String: String]) { (self.prefix, rest) = (prefix, options) }

    /// The options that nobody took.
    var untaken: [String] { rest.keys.sorted() }

    mutating func take(_ name: String, alias: String? = nil) -> String? {
        let value = rest.removeValue(forKey: name)
        guard let alias, let other = rest.removeValue(forKey: alias) else { return value }
        return value ?? other
    }

    func has(_ name: String) -> Bool { rest[name] != nil }

    mutating func add(_ name: String, _ reason: String, value: String? = nil) {
        problems.append((prefix + name, value, reason))
    }

    mutating func required(_ name: String, hint: String, allowingEmpty: Bool = false) -> String? {
        if let value = take(name), allowingEmpty || !value.trimmed.isEmpty { return value }
        add(name, "is missing: \(hint)")
        return nil
    }

    mutating func flag(_ name: String, default fallback: Bool) -> Bool {
        guard let value = take(name) else { return fallback }
        switch value.trimmed.lowercasedASCII {
        case "true": return true
        case "false": return false
        default:
            add(name, "must be true or false", value: value)
            return fallback
        }
    }

    mutating func choice(_ name: String, _ words: [String], default fallback: String? = nil) -> String? {
        guard let value = take(name)?.trimmed else {
            if fallback == nil { add(name, "is missing: one of \(words.joined(separator: ", "))") }
            return fallback
        }
        if let word = words.first(where: { $0.lowercasedASCII == value.lowercasedASCII }) { return word }
        add(name, "must be one of \(words.joined(separator: ", "))", value: value)
        return nil
    }

    /// A list as Connect reads it: separated by commas, with the blanks around them.
    mutating func list(_ name: String, alias: String? = nil) -> [String] {
        guard let value = take(name, alias: alias), !value.trimmed.isEmpty else { return [] }
        return value.trimmed.parts(at: ",", keepingEmpty: true).map(\.trimmed)
    }

    mutating func requiredList(_ name: String, hint: String) -> [String]? {
        let list = list(name).filter { !$0.isEmpty }
        if list.isEmpty { add(name, "is missing: \(hint)") }
        return list.isEmpty ? nil : list
    }

    mutating func pattern(_ name: String, _ text: String) -> JavaPattern? {
        do throws(JavaPattern.Failure) {
            return try JavaPattern(text)
        } catch {
            add(name, "is no regular expression that this version takes: \(error.reason)", value: text)
            return nil
        }
    }

    mutating func replacement(_ name: String, _ text: String, for pattern: JavaPattern) -> JavaReplacement? {
        do throws(JavaPattern.Failure) {
            return try JavaReplacement(text, for: pattern)
        } catch {
            add(name, "is no replacement: \(error.reason)", value: text)
            return nil
        }
    }
}

extension String {
    /// What Java's `split` makes of a text: empty parts at the end do not count.
    func javaParts(at separator: Unicode.Scalar) -> [String] {
        var parts = parts(at: separator, keepingEmpty: true)
        while parts.count > 1, parts.last?.isEmpty == true { parts.removeLast() }
        return parts
    }
}
