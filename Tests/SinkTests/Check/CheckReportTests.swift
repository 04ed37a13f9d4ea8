import Testing

@testable import Sink

struct CheckReportTests {
    @Test func `lines stand in columns`() {
        var report = CheckReport()
        report.add(.ok, "brokers", "b:9092")
        report.add(.note, "connection.pool.max_size", "no effect here")
        report.add(.failure, "topic t", "is not there")
        report.add(.unreachable, "destination", "refused")
        #expect(
            report.description == """
                ok    brokers                   b:9092
                note  connection.pool.max_size  no effect here
                FAIL  topic t                   is not there
                FAIL  destination               refused
                """
        )
    }

    @Test(
        arguments: [
            ([], 0), ([.ok, .note], 0), ([.ok, .unreachable], 3), ([.failure], 1),
            ([.unreachable, .failure], 1),
        ] as [([CheckReport.Verdict], Int32)]
    )
    func `what does not fit weighs more than what is not known`(verdicts: [CheckReport.Verdict], code: Int32)
    {
        var report = CheckReport()
        for verdict in verdicts { report.add(verdict, "s", "t") }
        #expect(report.exitCode == code)
    }

    @Test func `a stored offset that the broker does not have does not fit`() {
        let marks = PartitionMarks(first: 5, end: 9)
        #expect(DestinationCheck.progress(stored: 4, marks: marks).text.contains("retention has overtaken"))
        #expect(DestinationCheck.progress(stored: 10, marks: marks).text.contains("made anew"))
        #expect([4, 10].allSatisfy { !DestinationCheck.progress(stored: $0, marks: marks).fits })
        #expect([5, 9].allSatisfy { DestinationCheck.progress(stored: $0, marks: marks).fits })
        #expect(
            DestinationCheck.progress(stored: nil, marks: marks).text
                == "begins at the broker's first offset, 5"
        )
        #expect(DestinationCheck.progress(stored: 7, marks: nil).text == "goes on at offset 7")
    }
}

struct ExplanationTests {
    private let schema = TableSchema(
        qualifiedName: "\"s\".\"t\"",
        columns: [
            Column(name: "id", type: .bigint, isKey: true),
            Column(name: "v", type: .value(.text(limit: nil), castTo: "uuid"), isKey: false),
        ],
        keyCount: 1
    )

    private func modes(deletesRows: Bool) -> WriteModes {
        var modes = WriteModes()
        (modes.insertMode, modes.keyMode, modes.deletesRows) = (.upsert, .recordKey, deletesRows)
        return modes
    }

    @Test func `the statements of a table are printed in the order in which they run`() {
        let text = Explanation.text(topic: "a.t", schema: schema, modes: modes(deletesRows: true))
        let lines = text.split(separator: "\n").map(String.init)
        #expect(lines.count == 5)
        #expect(lines[0] == "-- topic a.t into \"s\".\"t\", key (id)")
        #expect(lines[2] == TableStatements.delete(schema) + ";")
        #expect(lines[3].contains("$1 id, $2 v"))
        #expect(lines[4] == TableStatements.upsert(schema, columns: [0, 1]) + ";")
    }

    @Test func `keys that only the server tells apart are told apart first`() {
        let column = Column(
            name: "k",
            type: .value(.text(limit: nil), castTo: "inet"),
            isKey: true,
            keyEquality: .server(collation: nil)
        )
        let table = TableSchema(qualifiedName: "\"h\"", columns: [column], keyCount: 1)
        let text = Explanation.text(topic: "h", schema: table, modes: modes(deletesRows: true))
        #expect(text.split(separator: "\n")[2] == TableStatements.tellKeysApart(table) + ";")
    }

    @Test func `deletes that are not applied are said, not printed`() {
        let text = Explanation.text(topic: "a.t", schema: schema, modes: modes(deletesRows: false))
        #expect(text.contains("delete.enabled is false"))
        #expect(!text.contains("delete from"))
    }
}
