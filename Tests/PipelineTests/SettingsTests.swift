import Foundation
import Testing

extension PipelineTests {
    /// Whatever the environment, the role and the database say, a value is what the record says.
    @Test func `settings of role, database and environment change no value`() async throws {
        let own = try TopicSink(
            lab,
            "settings_values",
            encoding: "LATIN1",
            tables: """
                create table settings_values (id int primary key, name text, tags text[], spans interval[], days date[], doc xml);
                alter database settings_values set client_encoding = 'SQL_ASCII';
                alter database settings_values set array_nulls = off;
                alter database settings_values set datestyle = 'Postgres, DMY';
                alter database settings_values set intervalstyle = 'sql_standard';
                alter database settings_values set xmloption = 'document';
                alter database settings_values set default_transaction_isolation = 'serializable';
                """
        )
        defer { own.remove() }
        let value =
            #"{"id":1,"name":"Müller","tags":["a",null,"ß"],"spans":["P1DT2H"],"days":["2024-02-01"],"doc":"x<y/>"}"#
        try own.produce([(#"{"id":1}"#, value)])
        try await own.apply(
            1,
            environment: [
                "PGCLIENTENCODING": "LATIN1", "PGDATESTYLE": "SQL, MDY", "PGOPTIONS": "-c array_nulls=off",
            ]
        )
        let rows = """
            set datestyle = 'ISO'; set intervalstyle = 'iso_8601';
            select name, length(name), tags[2] is null, tags[3], spans, days, doc from settings_values
            """
        #expect(try own.query(rows) == "Müller|6|t|ß|{P1DT2H}|{2024-02-01}|x<y/>")
    }

    @Test func `a character that the database does not have is refused, and told beforehand`() async throws {
        let own = try TopicSink(
            lab,
            "latin_refusal",
            encoding: "LATIN1",
            tables: "create table latin_refusal (id int primary key, name text)",
            properties: [
                "errors.deadletterqueue.topic.replication.factor": "1",
                "errors.deadletterqueue.context.headers.enable": "true",
            ]
        )
        defer { own.remove() }
        let check = try own.run("check", try own.file())
        #expect(check.output.contains("its encoding is LATIN1"), "\(check.output)")
        try own.produce([
            (#"{"id":1}"#, #"{"id":1,"name":"é"}"#), (#"{"id":2}"#, #"{"id":2,"name":"名"}"#),
            (#"{"id":3}"#, #"{"id":3,"名":1}"#), (#"{"id":4}"#, #"{"id":4,"name":"ü"}"#),
        ])
        try await own.stops(saying: #"offset 1 key {\"id\":2} cannot be applied"#, "22P05")
        #expect(try own.query("select string_agg(id || name, ',') from latin_refusal") == "1é")
        // What is wrong with the third has a character of the kind, too, and goes through a table there. Its field has
        // no column, which stops each sink.
        try await own.stops(
            ["errors.tolerance": "all", "errors.deadletterqueue.topic.name": "latin_refusal.dead"],
            saying: "add it there"
        )
        try await own.apply(
            4,
            [
                "errors.tolerance": "all", "errors.deadletterqueue.topic.name": "latin_refusal.dead",
                "field.exclude.list": "名",
            ]
        )
        #expect(
            try own.query("select string_agg(id || coalesce(name, '-'), ',' order by id) from latin_refusal")
                == "1é,3-,4ü"
        )
    }
}
