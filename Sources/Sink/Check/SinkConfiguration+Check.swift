import ArgumentParser

extension SinkConfiguration {
    /// Reads a connector's file for a verb whose result the problems are: they go to standard output.
    ///
    /// - Throws: `ExitCode` 64 when there are any.
    static func printingProblems(of file: String) throws -> SinkConfiguration {
        do throws(ConfigurationError) {
            return try SinkConfiguration(try ConnectorFile(path: file))
        } catch {
            print(error)
            throw ExitCode(64)
        }
    }
}
