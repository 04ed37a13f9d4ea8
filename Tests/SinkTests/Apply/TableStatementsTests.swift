import Testing

@testable import Sink

private let table = TableSchema(
    qualifiedName: "\"public\".\"t\"",
    columns: [
        Column(name: "id", type: .integer, isKey: true),
        Column(name: "part", type: .value(.text(limit: nil), castTo: "uuid"), isKey: true),
        Column(name: "we\"ird", type: .bigint, isKey: false),
        Column(name: "ratio", type: .value(.float(maximumDigits: 17), castTo: "real"), isKey: false),
    ],
    keyCount: 2
)

struct TableStatementsTests {
    @Test func `an upsert takes one array a column and casts where the column's type asks for it`() {
        #expect(
            TableStatements.upsert(table, columns: [0, 1, 2, 3])
                == #"insert into "public"."t" ("id", "part", "we""ird", "ratio") "#
                + #"select r.c0, r.c1::uuid, r.c2, r.c3::real from unnest($1, $2, $3, $4) as r(c0, c1, c2, c3) "#
                + #"on conflict ("id", "part") do update set "we""ird" = excluded."we""ird", "#
                + #""ratio" = excluded."ratio""#
        )
    }

    @Test func `a row of nothing but its key is inserted if it is missing`() {
        #expect(TableStatements.upsert(table, columns: [0, 1]).hasSuffix("do nothing"))
    }

    @Test func `a delete finds its rows by the whole key`() {
        #expect(
            TableStatements.delete(table)
                == #"delete from "public"."t" as t using unnest($1, $2) as r(c0, c1) "#
                + #"where t."id" = r.c0 and t."part" = r.c1::uuid"#
        )
    }

    @Test func `keys of an extension's type are compared by its own operator`() {
        let table = TableSchema(
            qualifiedName: "\"t\"",
            columns: [
                Column(
                    name: "path",
                    type: .value(.text(limit: nil), castTo: "public.ltree"),
                    isKey: true,
                    equality: "operator(public.=)"
                )
            ],
            keyCount: 1
        )
        #expect(
            TableStatements.delete(table)
                == #"delete from "t" as t using unnest($1) as r(c0) "#
                + #"where t."path" operator(public.=) r.c0::public.ltree"#
        )
        #expect(TableStatements.move(table).contains(#"n."path" operator(public.=) r.c1::public.ltree"#))
    }

    @Test func `an insert names no conflict`() {
        #expect(
            TableStatements.insert(table, columns: [0, 2])
                == #"insert into "public"."t" ("id", "we""ird") select r.c0, r.c1 "#
                + #"from unnest($1, $2) as r(c0, c1)"#
        )
    }

    @Test func `an identity column that is always generated takes the values that come`() {
        let identity = Column(name: "id", type: .integer, isKey: true, isAlwaysIdentity: true)
        let always = TableSchema(
            qualifiedName: table.qualifiedName,
            columns: [identity] + table.columns.dropFirst(),
            keyCount: table.keyCount
        )
        #expect(
            TableStatements.insert(always, columns: [0, 2])
                == #"insert into "public"."t" ("id", "we""ird") overriding system value select r.c0, r.c1 "#
                + #"from unnest($1, $2) as r(c0, c1)"#
        )
        #expect(TableStatements.upsert(always, columns: [0, 1]).contains(") overriding system value select"))
    }

    @Test func `an update changes what is no key, where the key is the row's`() {
        #expect(
            TableStatements.update(table, columns: [0, 1, 3])
                == #"update "public"."t" as t set "ratio" = r.c2::real "#
                + #"from unnest($1, $2, $3) as r(c0, c1, c2) where t."id" = r.c0 and t."part" = r.c1::uuid"#
        )
        #expect(TableStatements.update(table, columns: [0, 1]) == nil)
    }
}
