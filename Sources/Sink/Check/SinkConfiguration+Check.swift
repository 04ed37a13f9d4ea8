import Commands
import Telemetry

extension SinkConfiguration {
    /// Reads a connector's file for a verb whose result the problems are: they go to standard output.
    ///
    /// - Throws: `ExitCode` 64 when there are any.
    static func printingProblems(of file: String) throws -> SinkConfiguration {
        do throws(ConfigurationError) {
            return try SinkConfiguration(try ConnectorFile(path: file))
        } catch {
            printText(error.description)
            throw ExitCode(64)
        }
    }
}
