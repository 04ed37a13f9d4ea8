/// Options that belong together: a command's own, or a group that several commands share.
public protocol Options: Sendable {
    init()

    /// Says what is wrong with values that are valid one by one. Called once all of them could be read.
    func check(_ problems: inout Problems)
}

extension Options {
    public func check(_ problems: inout Problems) {}
}

/// One command of a program, or the program itself.
public protocol Command: Options {
    static var description: CommandDescription { get }

    /// Does what the command is for. The default prints the help: for a command that only has subcommands.
    ///
    /// - Throws: `ExitCode` to end with it; `UsageError` for what only turned out while running; any other error
    ///   is printed and ends with 1.
    func run() async throws
}

/// What a command says of itself.
public struct CommandDescription: Sendable {
    let name: String
    let abstract: String
    let discussion: String
    let subcommands: [any Command.Type]
    /// Whether it does something by itself, although it has subcommands.
    let runsAlone: Bool
    let isHidden: Bool
    let program: Program

    /// What only the program itself says, not its subcommands.
    public struct Program: Sendable {
        let version: String
        let environmentHint: String

        /// - Parameters:
        ///   - version: what `--version` prints after the name.
        ///   - environmentHint: where the values of variables can be had, for the error about one that is not set.
        public init(version: String = "", environmentHint: String = "") {
            (self.version, self.environmentHint) = (version, environmentHint)
        }
    }

    /// - Parameters:
    ///   - abstract: one sentence.
    ///   - discussion: paragraphs; a line `term  text` with two blanks or more between them stands in a column.
    ///   - runsAlone: whether it does something without a subcommand, too.
    public init(
        name: String,
        abstract: String,
        discussion: String = "",
        subcommands: [any Command.Type] = [],
        runsAlone: Bool = false,
        isHidden: Bool = false,
        program: Program = Program()
    ) {
        (self.name, self.abstract, self.discussion) = (name, abstract, discussion)
        (self.subcommands, self.runsAlone) = (subcommands, runsAlone)
        (self.isHidden, self.program) = (isHidden, program)
    }
}

/// What is wrong with a command line, all of it.
public struct Problems: Sendable {
    public private(set) var texts: [String] = []

    public init() {}

    public mutating func add(_ text: String) {
        texts.append(text)
    }

    /// Adds the text unless the condition holds.
    public mutating func unless(_ condition: Bool, _ text: @autoclosure () -> String) {
        if !condition { texts.append(text()) }
    }
}

/// Ends the program with a code and says nothing.
public struct ExitCode: Error, Sendable, Equatable {
    public let rawValue: Int32

    public init(_ rawValue: Int32) {
        self.rawValue = rawValue
    }

    public static let failure = ExitCode(1)
    /// sysexits.h: EX_USAGE.
    public static let usage = ExitCode(64)
}

/// A wrong usage that only running has shown: printed with the command's usage, exit code 64.
public struct UsageError: Error, Sendable, CustomStringConvertible {
    public let description: String

    /// - Parameter description: one line; a line break in it, such as one in a file's name, is written out.
    public init(_ description: String) {
        self.description = description.visible
    }
}
