import FoundationEssentials
import Glibc

/// Why a file could not be read or written, in the system's own words: `No such file or directory`.
public struct FileProblem: Sendable, CustomStringConvertible {
    public let description: String

    /// - Parameter error: what one of Foundation's calls for files has thrown.
    public init(_ error: any Error) {
        var error = error
        while let outer = error as? CocoaError, let inner = outer.underlying { error = inner }
        switch error {
        case let error as POSIXError:
            // SAFETY: strerror gives a text that ends with 0 for every number, and it is copied at once.
            description = String(cString: strerror(error.code.rawValue))
        case let error as CocoaError where error.code == .fileReadNoSuchFile || error.code == .fileNoSuchFile:
            description = "there is no such file"
        case let error as CocoaError
        where error.code == .fileReadCorruptFile || error.code == .fileReadInapplicableStringEncoding:
            description = "it is not UTF-8"
        default:
            description = "\(error)"
        }
    }
}
