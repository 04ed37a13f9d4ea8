/// The five characters by which PostgreSQL classifies an error (PostgreSQL manual, appendix A).
public struct SQLState: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    public let code: String

    public init(_ code: String) {
        self.code = code
    }

    public init(stringLiteral code: String) {
        self.code = code
    }

    public var description: String { code }

    /// The first two characters: the class, such as `08` for connection exceptions.
    public var classCode: String { String(decoding: code.utf8.prefix(2), as: UTF8.self) }

    public static let adminShutdown: SQLState = "57P01"
    public static let crashShutdown: SQLState = "57P02"
    public static let cannotConnectNow: SQLState = "57P03"
    public static let lockNotAvailable: SQLState = "55P03"
    public static let protocolViolation: SQLState = "08P01"
    public static let programLimitExceeded: SQLState = "54000"
    public static let internalError: SQLState = "XX000"
    public static let readOnlyTransaction: SQLState = "25006"
    public static let serializationFailure: SQLState = "40001"
    public static let statementCompletionUnknown: SQLState = "40003"
    public static let deadlockDetected: SQLState = "40P01"
    public static let divisionByZero: SQLState = "22012"
    public static let insufficientPrivilege: SQLState = "42501"
    public static let undefinedTable: SQLState = "42P01"
    public static let undefinedColumn: SQLState = "42703"
    public static let duplicateTable: SQLState = "42P07"
    public static let duplicateSchema: SQLState = "42P06"
    public static let undefinedObject: SQLState = "42704"
    public static let undefinedFunction: SQLState = "42883"
    public static let duplicateColumn: SQLState = "42701"
    public static let duplicateObject: SQLState = "42710"
    public static let foreignKeyViolation: SQLState = "23503"
    public static let exclusionViolation: SQLState = "23P01"
    public static let uniqueViolation: SQLState = "23505"
    public static let tooManyConnections: SQLState = "53300"
}
