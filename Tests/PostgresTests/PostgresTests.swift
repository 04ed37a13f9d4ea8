import Model
import Testing

@testable import Postgres

struct ConnectionOptionsTests {
    @Test func `a URI is read as libpq reads it, and its description has no password`() throws {
        let options = try ConnectionOptions("postgresql://alice:s3cret@db1:5000/source_db?sslmode=disable")
        #expect(options["host"] == "db1")
        #expect(options["sslmode"] == "disable")
        #expect(options.server == "db1:5000/source_db")
        #expect(options.description == "alice@db1:5000/source_db")
    }

    @Test(arguments: ["postgresql://u:s3cret@[host/", "host=a s3cret", "passwort=s3cret"])
    func `a string that libpq refuses is not repeated in the error`(text: String) {
        let error = #expect(throws: PostgresError.self) { try ConnectionOptions(text) }
        #expect(error?.description.contains("s3cret") == false)
        #expect(error?.description.contains("postgresql://") == true)
    }

    @Test(
        arguments: [
            "postgresql://u:a@s3cret@h/d", "postgresql://u:a/s3cret@h/d", "postgresql://u:s3cret/a@h/d",
            "postgresql://u:a?b@s3cret@h/d", "postgres://u:@s3cret@h:5432/d?sslmode=require",
        ]
    )
    func `a password that libpq would take apart is refused, or a part of it would be shown`(text: String) {
        let error = #expect(throws: PostgresError.self) { try ConnectionOptions(text) }
        #expect(error?.description.contains("s3cret") == false)
    }

    @Test(
        arguments: [
            "postgresql://u%40corp:p%40%2F%3A@h:5432/d", "postgresql://h/d?application_name=a@b",
            "postgresql://u@h1:1,h2/d", "host=/run user=a@b", "postgresql:///d?host=/run&user=a@b",
            "postgresql://u@[::1]:5/d", "postgresql://%2Frun/d", "postgresql://u:p?a=b@h/d",
        ]
    )
    func `what is not ambiguous is taken`(text: String) throws {
        _ = try ConnectionOptions(text)
    }

    @Test(arguments: [[:], ["client_encoding": "LATIN1"]])
    func `a connection is in UTF-8, whatever it is told`(values: [String: String]) {
        let given = ConnectionOptions(values: values).withKeywordsAndValues { keywords, texts in
            var given: [String: String] = [:]
            for index in 0... {
                guard let keyword = keywords[index], let text = texts[index] else { break }
                given[String(cString: keyword)] = String(cString: text)
            }
            return given
        }
        #expect(given == ["client_encoding": "UTF8"])
    }

    @Test func `timeouts that were given are kept`() throws {
        let options = try ConnectionOptions("host=a tcp_user_timeout=1").failingFast(as: "sink")
        #expect(options["tcp_user_timeout"] == "1")
        #expect(options["application_name"] == "sink")
    }

    @Test func `nobody listening is a failure to connect that a retry may mend`() throws {
        // Port 1 of loopback: nobody listens there.
        let options = try ConnectionOptions("postgresql://u@127.0.0.1:1/d")
        let error = #expect(throws: PostgresError.self) {
            _ = try Connection.open(options, deadline: .after(.seconds(2)))
        }
        #expect(error?.code == .cannotConnect)
        #expect(error?.isConnectionFailure == true)
        #expect(error?.description.hasPrefix("cannot connect to 127.0.0.1:1/d: Connection refused") == true)
    }
}

struct PostgresErrorTests {
    @Test(
        arguments: [
            (.connectionLost, nil, true), (.timedOut, nil, true), (.cannotConnect, nil, true),
            (.cannotConnect, "57P03", true), (.cannotConnect, "28P01", false),
            (.cannotConnect, "3D000", false),
            (.server, "57P01", true), (.server, "25006", true), (.server, "40001", false),
            (.server, "23505", false),
        ] as [(PostgresError.Code, SQLState?, Bool)]
    )
    func `only what a new connection may mend is a connection failure`(
        code: PostgresError.Code,
        state: SQLState?,
        expected: Bool
    ) {
        let error = PostgresError(code: code, sqlState: state, message: "", server: "s")
        #expect(error.isConnectionFailure == expected)
    }

    @Test(arguments: [("40001", true), ("40P01", true), ("55P03", true), ("53100", true), ("23505", false)])
    func `only what the same transaction may survive is transient`(state: String, expected: Bool) {
        let error = PostgresError(code: .server, sqlState: SQLState(state), message: "", server: "s")
        #expect(error.isTransient == expected)
    }
}
