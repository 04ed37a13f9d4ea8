import Foundation
import Testing

extension PipelineTests {
    @Test func `a number that may count anything is refused until a property says what`() async throws {
        let own = try TopicSink(
            lab,
            "bare_epoch",
            tables: "create table bare_epoch (id int primary key, at timestamp, day date, clock time)"
        )
        try own.produce([(#"{"id":1}"#, #"{"id":1,"at":1683735438123,"day":17424,"clock":14711789}"#)])
        try await own.stops(saying: "offset 0", "column at", "set time.precision.mode")
        try await own.stops(["errors.tolerance": "all"], saying: "set time.precision.mode")
        #expect(try own.query("select count(*) from bare_epoch") == "0")
        try await own.apply(1, ["time.precision.mode": "connect"])
        #expect(
            try own.query("select at, day, clock from bare_epoch")
                == "2023-05-10 16:17:18.123|2017-09-15|04:05:11.789"
        )
        try own.query("drop table bare_epoch")
    }

    @Test func `a row with columns like the parts of a change event is written as the row that it is`()
        async throws
    {
        let own = try TopicSink(
            lab,
            "bare_rows",
            tables:
                "create table bare_rows (id int primary key, op text, source jsonb, before jsonb, after jsonb)",
            properties: [
                "primary.key.mode": "record_value", "primary.key.fields": "id", "delete.enabled": "false",
            ]
        )
        let row = #"{"id":1,"op":"c","source":{"x":1},"before":null,"after":{"id":2,"op":"u"}}"#
        try own.produce([("1", row), ("1", #"{"schema":null,"payload":\#(row)}"#)])
        try await own.stops(saying: "offset 0", "set record.form to envelope or row")
        #expect(try own.query("select count(*) from bare_rows") == "0")
        try await own.apply(2, ["record.form": "row"])
        #expect(try own.query("select id, op, source, after->>'id' from bare_rows") == #"1|c|{"x": 1}|2"#)
        try own.query("truncate bare_rows; delete from handover.sink_progress where sink = 'bare_rows'")
        try await own.apply(
            2,
            [
                "connector.class": "io.confluent.connect.jdbc.JdbcSinkConnector", "primary.key.mode": nil,
                "pk.mode": "record_value", "primary.key.fields": nil, "pk.fields": "id",
            ]
        )
        #expect(try own.query("select id, after->>'id' from bare_rows") == "1|2")
        try own.query("drop table bare_rows")
    }
}
