import Postgres
import Testing

@testable import Sink

struct RemedyTests {
    private func remedy(_ state: SQLState?, _ code: PostgresError.Code = .server) -> Remedy {
        PostgresError(code: code, sqlState: state, message: "no", server: "s").remedy
    }

    @Test(
        arguments: [
            // Every class of appendix A, by a code of its own where there is one that matters.
            ("01000", .stop), ("02000", .stop), ("03000", .stop), ("08006", .reconnect),
            ("08P01", .reconnect),
            ("09000", .isolateRecord), ("0A000", .stop), ("0B000", .stop), ("0F000", .stop), ("0L000", .stop),
            ("0P000", .stop), ("0Z000", .stop), ("20000", .stop), ("21000", .isolateRecord),
            ("22001", .isolateRecord), ("22003", .isolateRecord), ("22P02", .isolateRecord),
            ("22P05", .isolateRecord), ("22021", .isolateRecord), ("22012", .isolateRecord), ("2200H", .stop),
            ("23502", .isolateRecord), ("23503", .isolateRecord), ("23505", .isolateRecord),
            ("23514", .isolateRecord), ("23P01", .isolateRecord), ("24000", .stop), ("25001", .stop),
            ("25006", .reconnect), ("25P02", .stop), ("25P03", .reconnect), ("25P04", .reconnect),
            ("26000", .stop), ("27000", .isolateRecord), ("28000", .stop), ("28P01", .stop), ("2B000", .stop),
            ("2D000", .stop), ("2F000", .isolateRecord), ("34000", .stop), ("38000", .isolateRecord),
            ("39000", .isolateRecord), ("3B000", .stop), ("3D000", .stop), ("3F000", .stop),
            ("40001", .retry),
            ("40002", .isolateRecord), ("40003", .reconnect), ("40P01", .retry), ("42501", .stop),
            ("42601", .stop), ("42703", .rereadTables), ("42804", .stop), ("42883", .stop), ("428C9", .stop),
            ("42P01", .rereadTables), ("42P10", .stop), ("44000", .isolateRecord), ("53000", .retry),
            ("53100", .retry), ("53200", .retry), ("53300", .reconnect), ("53400", .retry),
            ("54000", .isolateRecord), ("54001", .isolateRecord), ("54011", .stop), ("54023", .stop),
            ("55000", .stop), ("55006", .retry), ("55P03", .retry), ("55P04", .stop), ("57014", .retry),
            ("57P01", .reconnect), ("57P02", .reconnect), ("57P03", .reconnect), ("57P04", .reconnect),
            ("57P05", .reconnect), ("58000", .retry), ("58030", .retry), ("72000", .retry), ("F0000", .stop),
            ("HV000", .stop), ("P0001", .isolateRecord), ("P0004", .isolateRecord), ("XX000", .stop),
            ("XX001", .stop), ("ZZZZZ", .stop),
        ] as [(SQLState, Remedy)]
    )
    func `each class of error has its remedy`(state: SQLState, expected: Remedy) {
        #expect(remedy(state) == expected)
    }

    @Test func `a failure that is not the server's answer is waited for, unless waiting cannot mend it`() {
        #expect(remedy(nil, .connectionLost) == .reconnect)
        #expect(remedy(nil, .timedOut) == .reconnect)
        #expect(remedy(nil, .cannotConnect) == .reconnect)
        #expect(remedy("57P03", .cannotConnect) == .reconnect)
        #expect(remedy("28P01", .cannotConnect) == .stop)
        #expect(remedy("3D000", .cannotConnect) == .stop)
        #expect(remedy(nil, .unexpected) == .stop)
        #expect(remedy(nil) == .stop)
    }

    @Test(
        arguments: [
            ("08P01", "invalid message length", .isolateRecord),
            // Poolers have no other code.
            ("08P01", "query_wait_timeout", .reconnect), ("08P01", "server conn crashed?", .reconnect),
            ("XX000", "invalid memory alloc request size 1073741824", .isolateRecord),
            ("XX000", "could not open relation with OID 1", .stop),
        ] as [(SQLState, String, Remedy)]
    )
    func `what was too large for the server is divided`(state: SQLState, message: String, expected: Remedy) {
        let error = PostgresError(code: .server, sqlState: state, message: message, server: "s")
        #expect(error.remedy == expected)
        #expect(error.isConnectionFailure == (expected == .reconnect))
    }

    @Test func `one key in two spellings is told from other divisions by zero`() {
        let error = PostgresError(code: .server, sqlState: .divisionByZero, message: "no", server: "s")
        let refusal = Refusal(error: error, statement: "tell keys apart", divisionByZero: .equalKeys)
        #expect(refusal.reason.contains("two spellings"))
        #expect(error.remedy == .isolateRecord)
    }

    @Test func `a row that is missing under an unchanged value is told from other divisions by zero`() {
        func refusal(_ divisionByZero: Refusal.DivisionByZero) -> Refusal {
            let error = PostgresError(code: .server, sqlState: .divisionByZero, message: "no", server: "s")
            return Refusal(error: error, statement: "upsert rows", divisionByZero: divisionByZero)
        }
        #expect(refusal(.missingRow).reason.contains("large value"))
        #expect(!refusal(.fault).reason.contains("large value"))
    }
}
