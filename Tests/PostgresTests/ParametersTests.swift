import Testing

@testable import Postgres

struct ParametersTests {
    /// The length that `PQsendQueryParams` writes into its Bind message, counted by hand from the protocol's description.
    @Test func `the size of a message is that of the Bind that libpq makes`() {
        var parameters = Parameters()
        #expect(parameters.messageByteCount == 14)
        parameters.append("abc")
        // A format, a length, and three bytes.
        #expect(parameters.messageByteCount == 14 + 2 + 4 + 3)
        parameters.append(null: TypeOID.text)
        #expect(parameters.messageByteCount == 14 + 2 * 6 + 3)
    }

    @Test func `what the server would not read is told with its size, and what fits is not`() throws {
        var parameters = Parameters()
        parameters.append(String(repeating: "x", count: 100))
        #expect(parameters.sizeError(server: "s") == nil)
        #expect(parameters.sizeError(server: "s", limit: parameters.messageByteCount) == nil)
        let limit = parameters.messageByteCount - 1
        let error = try #require(parameters.sizeError(server: "s", limit: limit))
        #expect(error.sqlState == .programLimitExceeded)
        #expect(error.message.contains("100 bytes") && error.message.contains("\(limit)"))
        #expect(!error.isConnectionFailure && !error.isTransient)
    }

    @Test func `the limit is the largest message that PostgreSQL reads`() {
        #expect(Parameters.largestMessage == 1_073_741_822)
    }
}
