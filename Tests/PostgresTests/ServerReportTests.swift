import Testing

@testable import Postgres

/// Server messages as PostgreSQL 15 makes them, with the value "s3cret" where it quotes one.
struct ServerReportTests {
    @Test(
        arguments: [
            (
                "22P02", "invalid input syntax for type integer: \"s3cret\"",
                "invalid input syntax for type integer"
            ),
            (
                "22003", "value \"s3cret\" is out of range for type integer",
                "value … is out of range for type integer"
            ),
            ("22P02", "invalid input value for enum mood: \"s3cret\"", "invalid input value for enum mood"),
            (
                "22008", "date/time field value out of range: \"s3cret\"",
                "date/time field value out of range"
            ),
            (
                "22021", "invalid byte sequence for encoding \"UTF8\": 0xs3cret",
                "invalid byte sequence for encoding …"
            ),
            (
                "22P05",
                "character with byte sequence 0xs3 0xcret in encoding \"UTF8\" has no equivalent in encoding \"LATIN1\"",
                "character with byte sequence …"
            ),
            (
                "22001", "value too long for type character varying(10)",
                "value too long for type character varying(10)"
            ),
            ("22012", "division by zero", "division by zero"),
            // A value that holds the marks and the words that end a message.
            (
                "22003", "value \"a\" is out of range: \"s3cret\" is out of range for type integer",
                "value … is out of range for type integer"
            ),
            (
                "22003", "value \"a\" s3cret\": \"\" is out of range for type integer",
                "value … is out of range for type integer"
            ),
            // Translated.
            (
                "22P02", "ungültige Eingabesyntax für Typ integer: »s3cret«",
                "ungültige Eingabesyntax für Typ integer"
            ),
            (
                "22003",
                "Wert »a\" s3cret« ist außerhalb des gültigen Bereichs für Typ integer",
                "Wert … ist außerhalb des gültigen Bereichs für Typ integer"
            ),
            ("22P02", "integer型の入力構文が不正です：\"s3cret\"", "integer型の入力構文が不正です"),
            // The syntax of a value, not of a statement.
            ("42601", "syntax error in tsquery: \"s3cret\"", "syntax error in tsquery"),
        ]
    )
    func `a value that the server quotes is left out, and what helps is kept`(
        state: String,
        message: String,
        expected: String
    ) {
        let text = ServerReport(sqlState: SQLState(state), message: message).text
        #expect(text == expected)
        #expect(!text.contains("s3cret") && !text.contains("cret"))
    }

    @Test func `a violated constraint is named, and the row is not`() {
        var report = ServerReport(
            sqlState: "23505",
            message: "duplicate key value violates unique constraint \"orders_pkey\""
        )
        report.table = ("app", "orders")
        report.constraint = "orders_pkey"
        #expect(
            report.text
                == "duplicate key value violates unique constraint \"orders_pkey\" [table app.orders]"
        )
        report.message = "doppelter Schlüsselwert verletzt Unique-Constraint »orders_pkey«"
        #expect(
            report.text == "doppelter Schlüsselwert verletzt Unique-Constraint … "
                + "[table app.orders, constraint orders_pkey]"
        )
    }

    @Test func `a column without a value is named`() {
        var report = ServerReport(
            sqlState: "23502",
            message: "null value in column \"note\" of relation \"orders\" violates not-null constraint"
        )
        (report.table, report.column) = ((nil, "orders"), "note")
        #expect(report.text == report.message)
    }

    @Test(arguments: ["P0001", "23514", "38000", "MY001", "45000"])
    func `what a function raises is not repeated, its place is`(state: String) {
        var report = ServerReport(sqlState: SQLState(state), message: "no credit for s3cret")
        report.sourceFile = "pl_exec.c"
        report.innermostContext = "PL/pgSQL function check_credit() line 3 at RAISE"
        report.constraint = "credit"
        #expect(
            report.text == "an error raised by PL/pgSQL function check_credit() line 3 at RAISE "
                + "[constraint credit] (its words may hold values; they are in the server's log)"
        )
    }

    @Test(arguments: [("P0001", "a.c"), ("38000", "plpython.c"), ("22P02", "plperl.c"), ("ZZ000", nil)])
    func `the words and the context of other languages are not repeated`(state: String, file: String?) {
        var report = ServerReport(sqlState: SQLState(state), message: "s3cret")
        (report.sourceFile, report.innermostContext) = (file, "remote SQL command: s3cret")
        #expect(!report.text.contains("s3cret"))
    }

    @Test func `what speaks of a statement is kept`() {
        var report = ServerReport(sqlState: "42601", message: "syntax error at or near \"form\"")
        report.hasPosition = true
        #expect(report.text == report.message)
        report = ServerReport(sqlState: "42P01", message: "relation \"orders\" does not exist")
        #expect(report.text == report.message)
        report = ServerReport(sqlState: "42804", message: "column \"a\" is of type integer: no")
        #expect(report.text == report.message)
    }
}
