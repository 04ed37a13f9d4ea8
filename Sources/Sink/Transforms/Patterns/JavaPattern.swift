/// A regular expression of Java's (`java.util.regex.Pattern`), with a bound on the work of a match.
///
/// Connect's transforms are given Java's expressions, find with them, and put groups into a replacement; and what they are
/// matched with may come from a record. So this is a matcher that tries as Java does, in the same order, and gives up after
/// a number of steps instead of after hours. It looks at Unicode scalars.
struct JavaPattern: Sendable {
    let text: String
    let groupCount: Int
    let groupNames: [ExactText: Int]
    private let program: [Instruction]
    private let loopCount: Int
    /// Whether what a step finds depends on nothing but where it stands.
    private let isRegular: Bool

    /// - Throws: `Failure` for an expression that Java does not take either, or a construct that is not known here.
    init(_ text: String) throws(Failure) {
        var parser = JavaPatternParser(text)
        let node = try parser.parse()
        var compiler = JavaPatternCompiler()
        try compiler.compile(node)
        compiler.emit(.accept)
        self.text = text
        groupCount = parser.groupCount
        groupNames = parser.groupNames
        (program, loopCount) = (compiler.program, compiler.loopCount)
        isRegular = !program.contains { if case .reference = $0 { true } else { false } }
    }

    struct Failure: Error {
        let reason: String
    }

    /// A match gave up: the expression is one that tries ever longer.
    struct Exhausted: Error {}

    /// One step of a match.
    indirect enum Instruction: Sendable {
        case set(JavaCharacterSet)
        case save(Int)
        /// Goes on with the first, and with the second if that fails.
        case split(Int, Int)
        case jump(Int)
        /// Notes where a turn of a loop begins.
        case enter(Int)
        /// Fails where a turn of a loop took nothing.
        case progress(Int)
        case check(Boundary)
        /// A match of its own that takes nothing, up to its `accept`; then goes on at the index.
        case look(isNegative: Bool, end: Int)
        /// A match of its own that is not gone back into.
        case atomic(end: Int)
        case reference(Int, foldsCase: Bool)
        case accept
    }

    enum Boundary: Sendable { case start, end, endBeforeTerminator, word, notWord }

    /// Where a match and its groups lie, in scalars; `nil` for a group that took no part.
    struct Match: Sendable {
        fileprivate(set) var places: [Range<Int>?]
        var whole: Range<Int> { places[0] ?? 0..<0 }
    }

    /// Whether the whole text matches, as `Matcher.matches` says.
    func matches(_ text: String) throws(Exhausted) -> Bool {
        try wholeMatch(Array(text.unicodeScalars)) != nil
    }

    /// The steps of an expression for names, and the scalars of a name: their product bounds the work of a match.
    static let mostNameSteps = 600
    static let mostNameScalars = 320

    /// Why this is no expression for names.
    var objectionForNames: String? {
        if !isRegular {
            return "a group that is referred to again is not supported in an expression for names"
        }
        if program.count > Self.mostNameSteps { return "it is too long for an expression for names" }
        return nil
    }

    /// Whether a whole name matches; where `objectionForNames` is `nil`, this never gives up.
    ///
    /// A step that failed at a place fails there again, so each is tried once: "Regular Expression Matching Can Be Simple
    /// And Fast" (R. Cox, 2007). A name that is longer than any of Kafka's (249) or PostgreSQL's (63 bytes) does not match.
    func matchesName(_ name: String) -> Bool {
        let scalars = Array(name.unicodeScalars.prefix(Self.mostNameScalars + 1))
        guard scalars.count <= Self.mostNameScalars else { return false }
        var run = JavaPatternRun(program, scalars, groupCount, loopCount, mustEnd: true, remembers: true)
        do throws(Exhausted) {
            return try run.match(at: 0) != nil
        } catch {
            return false
        }
    }

    func wholeMatch(_ text: [Unicode.Scalar]) throws(Exhausted) -> Match? {
        var run = JavaPatternRun(program, text, groupCount, loopCount, mustEnd: true)
        return try run.match(at: 0).map { Match(places: $0) }
    }

    /// The first place that matches, as `Matcher.find` finds it.
    func firstMatch(_ text: [Unicode.Scalar]) throws(Exhausted) -> Match? {
        var run = JavaPatternRun(program, text, groupCount, loopCount, mustEnd: false)
        for start in 0...text.count {
            if let places = try run.match(at: start) { return Match(places: places) }
        }
        return nil
    }
}

/// Turns an expression's tree into steps.
struct JavaPatternCompiler {
    typealias Node = JavaPatternParser.Node

    /// Counted repetitions are written out; more than this is refused.
    private static let limit = 20_000

    private(set) var program: [JavaPattern.Instruction] = []
    private(set) var loopCount = 0

    mutating func emit(_ instruction: JavaPattern.Instruction) { program.append(instruction) }

    mutating func compile(_ node: Node) throws(JavaPattern.Failure) {
        guard program.count < Self.limit else {
            throw JavaPattern.Failure(reason: "it repeats too much to be written out")
        }
        switch node {
        case .empty: break
        case .set(let set): emit(.set(set))
        case .sequence(let nodes): for node in nodes { try compile(node) }
        case .choice(let nodes): try compile(choice: nodes[...])
        case .group(let inner, let number):
            emit(.save(2 * number))
            try compile(inner)
            emit(.save(2 * number + 1))
        case .boundary(let boundary): emit(.check(boundary))
        case .reference(let number, let foldsCase): emit(.reference(number, foldsCase: foldsCase))
        case .look(let inner, let isNegative):
            let place = program.count
            emit(.accept)
            try compile(inner)
            emit(.accept)
            program[place] = .look(isNegative: isNegative, end: program.count)
        case .atomic(let inner):
            let place = program.count
            emit(.accept)
            try compile(inner)
            emit(.accept)
            program[place] = .atomic(end: program.count)
        case .repetition(let inner, let least, let most, let isLazy):
            for _ in 0..<least { try compile(inner) }
            guard let most else { return try compile(loop: inner, isLazy) }
            var splits: [Int] = []
            for _ in 0..<(most - least) {
                splits.append(program.count)
                emit(.accept)
                try compile(inner)
            }
            for split in splits { program[split] = Self.split(split + 1, program.count, isLazy) }
        }
    }

    private mutating func compile(choice nodes: ArraySlice<Node>) throws(JavaPattern.Failure) {
        var ends: [Int] = []
        for (place, node) in nodes.enumerated() {
            let isLast = place == nodes.count - 1
            let split = program.count
            if !isLast { emit(.accept) }
            try compile(node)
            guard !isLast else { break }
            ends.append(program.count)
            emit(.accept)
            program[split] = .split(split + 1, program.count)
        }
        for end in ends { program[end] = .jump(program.count) }
    }

    private mutating func compile(loop inner: Node, _ isLazy: Bool) throws(JavaPattern.Failure) {
        let loop = loopCount
        loopCount += 1
        let start = program.count
        emit(.accept)
        emit(.enter(loop))
        try compile(inner)
        emit(.progress(loop))
        emit(.jump(start))
        program[start] = Self.split(start + 1, program.count, isLazy)
    }

    private static func split(_ more: Int, _ less: Int, _ isLazy: Bool) -> JavaPattern.Instruction {
        isLazy ? .split(less, more) : .split(more, less)
    }
}
