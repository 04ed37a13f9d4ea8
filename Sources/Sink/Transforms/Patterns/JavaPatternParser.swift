/// Reads an expression of Java's; what is not known here is refused by name.
struct JavaPatternParser {
    indirect enum Node {
        case empty
        case set(JavaCharacterSet)
        case sequence([Node])
        case choice([Node])
        case group(Node, Int)
        case boundary(JavaPattern.Boundary)
        case reference(Int, foldsCase: Bool)
        case look(Node, isNegative: Bool)
        case atomic(Node)
        case repetition(Node, least: Int, most: Int?, isLazy: Bool)
    }

    private static let depthLimit = 50
    private static let countLimit = 1_000

    var scalars: [Unicode.Scalar]
    var position = 0
    private(set) var groupCount = 0
    private(set) var groupNames: [ExactText: Int] = [:]
    /// The flags `i` and `s`, which hold to the end of the group that they stand in.
    var foldsCase = false
    private var dotTakesAll = false
    private var depth = 0

    init(_ text: String) { scalars = Array(text.unicodeScalars) }

    typealias Failure = JavaPattern.Failure

    mutating func parse() throws(Failure) -> Node {
        let node = try alternatives()
        guard position == scalars.count else { throw Failure(reason: "a ) has no ( before it") }
        return node
    }

    func peek(_ offset: Int = 0) -> Unicode.Scalar? {
        position + offset < scalars.count ? scalars[position + offset] : nil
    }

    mutating func consume(_ text: String) -> Bool {
        let wanted = Array(text.unicodeScalars)
        guard scalars[position...].starts(with: wanted) else { return false }
        position += wanted.count
        return true
    }

    mutating func take() throws(Failure) -> Unicode.Scalar {
        guard let scalar = peek() else { throw Failure(reason: "it ends too early") }
        position += 1
        return scalar
    }

    private mutating func alternatives() throws(Failure) -> Node {
        depth += 1
        defer { depth -= 1 }
        guard depth < Self.depthLimit else { throw Failure(reason: "its groups are nested too deep") }
        let flags = (foldsCase, dotTakesAll)
        var choices = [try sequence()]
        while consume("|") { choices.append(try sequence()) }
        (foldsCase, dotTakesAll) = flags
        return choices.count == 1 ? choices[0] : .choice(choices)
    }

    private mutating func sequence() throws(Failure) -> Node {
        var nodes: [Node] = []
        while let scalar = peek(), scalar != "|", scalar != ")" {
            if consume("\\Q") {
                while position < scalars.count, !consume("\\E") { nodes.append(literal(try take())) }
                // A quantifier is for the last sign alone.
                if let last = nodes.popLast() { nodes.append(try quantified(last)) }
                continue
            }
            nodes.append(try quantified(try atom()))
        }
        return nodes.count == 1 ? nodes[0] : nodes.isEmpty ? .empty : .sequence(nodes)
    }

    private func literal(_ scalar: Unicode.Scalar) -> Node { .set(.one(scalar, foldsCase: foldsCase)) }

    private mutating func quantified(_ node: Node) throws(Failure) -> Node {
        guard let scalar = peek() else { return node }
        var (least, most): (Int, Int?) = (0, nil)
        switch scalar {
        case "*": position += 1
        case "+": (least, position) = (1, position + 1)
        case "?": (most, position) = (1, position + 1)
        case "{": (least, most) = try count()
        default: return node
        }
        if consume("+") { return .atomic(.repetition(node, least: least, most: most, isLazy: false)) }
        return .repetition(node, least: least, most: most, isLazy: consume("?"))
    }

    private mutating func count() throws(Failure) -> (Int, Int?) {
        position += 1
        guard let least = number() else { throw Failure(reason: "a { is no count; write \\{ for the sign") }
        var most: Int? = least
        if consume(",") { most = peek() == "}" ? nil : number() ?? -1 }
        guard consume("}"), most.map({ $0 >= least }) ?? true else {
            throw Failure(reason: "a count such as {1,3} is not closed, or the wrong way round")
        }
        guard least <= Self.countLimit, most ?? 0 <= Self.countLimit else {
            throw Failure(reason: "a count is larger than \(Self.countLimit)")
        }
        return (least, most)
    }

    private mutating func number() -> Int? {
        var value: Int?
        while let scalar = peek(), 0x30...0x39 ~= scalar.value, (value ?? 0) < 1_000_000 {
            value = (value ?? 0) * 10 + Int(scalar.value - 0x30)
            position += 1
        }
        return value
    }

    private mutating func atom() throws(Failure) -> Node {
        let scalar = try take()
        switch scalar {
        case "(": return try group()
        case "[":
            var set = try bracket()
            set.foldsCase = foldsCase
            return .set(set)
        case ".": return .set(dotTakesAll ? .all : .dot)
        case "^": return .boundary(.start)
        case "$": return .boundary(.endBeforeTerminator)
        case "\\": return try escaped()
        case "*", "+", "?", "{": throw Failure(reason: "a \(scalar) has nothing before it to repeat")
        default: return literal(scalar)
        }
    }

    private mutating func group() throws(Failure) -> Node {
        var node: Node
        if consume("?:") {
            node = try alternatives()
        } else if consume("?=") {
            node = .look(try alternatives(), isNegative: false)
        } else if consume("?!") {
            node = .look(try alternatives(), isNegative: true)
        } else if consume("?>") {
            node = .atomic(try alternatives())
        } else if peek() == "?", peek(1) == "<", peek(2) != "=", peek(2) != "!" {
            position += 2
            let name = try groupName(upTo: ">")
            groupCount += 1
            let number = groupCount
            guard groupNames.updateValue(number, forKey: ExactText(name)) == nil else {
                throw Failure(reason: "two groups are called \(name)")
            }
            node = .group(try alternatives(), number)
        } else if consume("?") {
            guard let inner = try flags() else { return .empty }
            node = inner
        } else {
            groupCount += 1
            let number = groupCount
            node = .group(try alternatives(), number)
        }
        guard consume(")") else { throw Failure(reason: "a ( is not closed") }
        return node
    }

    /// `(?i)` for what follows in the group, or `(?i:…)`.
    private mutating func flags() throws(Failure) -> Node? {
        let former = (foldsCase, dotTakesAll)
        var isOn = true
        while true {
            switch try take() {
            case "-": isOn = false
            case "i": foldsCase = isOn
            case "s": dotTakesAll = isOn
            case ")": return nil
            case ":":
                let node = try alternatives()
                (foldsCase, dotTakesAll) = former
                return node
            case "<":
                throw Failure(
                    reason:
                        "looking back, (?<=…) and (?<!…), is not supported; capture what stands before instead"
                )
            case let flag: throw Failure(reason: "the flag \(flag) is not supported; i and s are")
            }
        }
    }

    private mutating func groupName(upTo end: Unicode.Scalar) throws(Failure) -> String {
        var name = String.UnicodeScalarView()
        while true {
            let scalar = try take()
            if scalar == end { break }
            name.append(scalar)
        }
        let isName = name.first.map { JavaCharacterSet.named("Alpha")?.contains($0) ?? false } ?? false
        guard isName, name.allSatisfy({ JavaCharacterSet.named("Alnum")?.contains($0) ?? false }) else {
            throw Failure(reason: "a group's name is made of letters and digits")
        }
        return String(name)
    }

    private mutating func escaped() throws(Failure) -> Node {
        let scalar = try take()
        switch scalar {
        case "b": return .boundary(.word)
        case "B": return .boundary(.notWord)
        case "A": return .boundary(.start)
        case "z": return .boundary(.end)
        case "Z": return .boundary(.endBeforeTerminator)
        case "k":
            guard consume("<") else { throw Failure(reason: "\\k is followed by the name of a group in < >") }
            let name = try groupName(upTo: ">")
            guard let number = groupNames[ExactText(name)] else {
                throw Failure(reason: "there is no group called \(name) before \\k<\(name)>")
            }
            return .reference(number, foldsCase: foldsCase)
        case "1"..."9":
            var number = Int(scalar.value - 0x30)
            while let next = peek(), 0x30...0x39 ~= next.value,
                number * 10 + Int(next.value - 0x30) <= groupCount
            {
                number = number * 10 + Int(next.value - 0x30)
                position += 1
            }
            guard number <= groupCount else {
                throw Failure(reason: "there is no group \(number) before \\\(number)")
            }
            return .reference(number, foldsCase: foldsCase)
        default:
            position -= 1
            var set = try escapedSet()
            set.foldsCase = foldsCase
            return .set(set)
        }
    }
}
