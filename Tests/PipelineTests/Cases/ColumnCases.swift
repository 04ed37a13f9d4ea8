// Longer than other files: it is one table of cases.
/// Columns of PostgreSQL's types that are there already.
extension SinkProfile {
    private static let items = #","items":{"type":"string","optional":true}"#

    private static let decimal = "org.apache.kafka.connect.data.Decimal"

    private static func fields(_ fields: String...) -> CaseFields {
        CaseFields(([CaseFields.field("id", "int64")] + fields).joined(separator: ","))
    }

    private static func rows(_ values: String...) -> [CaseEvent] {
        values.enumerated().map { .create(CaseRows.key($0 + 1), #"{"id":\#($0 + 1),\#($1)}"#) }
    }

    static let columns = SinkProfile(
        name: "columns",
        properties: [
            "insert.mode": "upsert", "primary.key.mode": "record_key", "delete.enabled": "true",
            // Some of the records have no schemas.
            "time.precision.mode": "adaptive",
        ],
        isRepeatable: true,
        cases: scalars + lists + times + [keys]
    )

    private static let scalars: [SinkCase] = [
        SinkCase(
            "columns that the table has beside the record's are left to their defaults and to the server",
            table: """
                create table TABLE (id bigint primary key, name text, twice bigint generated always as (id * 2) stored,
                    note text default 'default', serial bigserial)
                """,
            fields: "id:int64 name:string?",
            events: [
                .create(CaseRows.key(1), #"{"id":1,"name":"a"}"#),
                .create(CaseRows.key(2), #"{"id":2,"name":"b"}"#),
                .update(CaseRows.key(1), #"{"id":1,"name":"c"}"#),
            ],
            expected: [
                "select id, name, twice, note, serial is not null from TABLE order by 1":
                    "1|c|2|default|t\n2|b|4|default|t"
            ]
        ),
        SinkCase(
            "values of other types are what PostgreSQL assigns, where nothing is lost",
            table: """
                create table TABLE (id bigint primary key, whole bigint, small smallint, double double precision, flag boolean,
                    number text, amount text, float text, tiny text, huge text, yes text, day text, moment text, clock text, at date,
                    midnight timestamp, zoned timestamptz)
                """,
            fields: fields(
                CaseFields.field("whole", "bytes", decimal, #","parameters":{"scale":"0"}"#),
                CaseFields.field("small", "double"),
                CaseFields.field("double", "bytes", decimal, #","parameters":{"scale":"2"}"#),
                CaseFields.field("flag", "int16"),
                CaseFields.field("number", "int32"),
                CaseFields.field("amount", "bytes", decimal, #","parameters":{"scale":"2"}"#),
                CaseFields.field("float", "double"),
                CaseFields.field("tiny", "double"),
                CaseFields.field("huge", "double"),
                CaseFields.field("yes", "boolean"),
                CaseFields.field("day", "int32", "io.debezium.time.Date"),
                CaseFields.field("moment", "int64", "io.debezium.time.MicroTimestamp"),
                CaseFields.field("clock", "int64", "io.debezium.time.MicroTime"),
                CaseFields.field("at", "int64", "io.debezium.time.Timestamp"),
                CaseFields.field("midnight", "int32", "io.debezium.time.Date"),
                CaseFields.field("zoned", "int32", "org.apache.kafka.connect.data.Date")
            ),
            forms: [.envelope, .flat],
            events: rows(
                #""whole":"AeJA","small":5.0,"double":"AeJA","flag":1,"number":-42,"amount":"AJY=","float":-123456.75,"#
                    + #""tiny":1.0E-5,"huge":1.25E15,"yes":true,"day":17424,"moment":1505476800123400,"#
                    + #""clock":43200000000,"at":1505433600000,"midnight":17424,"zoned":17424"#
            ),
            expected: [
                """
                select whole = 1234.56::numeric * 100, small = 5.0::numeric::smallint, double = 1234.56::numeric::double precision,
                    flag, number = (-42)::text, amount = 1.50::numeric(5,2)::text, float = (-123456.75)::double precision::text,
                    tiny = 1.0E-5::double precision::text, huge = 1.25E15::double precision::text, yes = true::text,
                    day = date '2017-09-15'::text, moment = timestamp '2017-09-15 12:00:00.1234'::text,
                    clock = time '12:00'::text, at = timestamp '2017-09-15'::date, midnight = date '2017-09-15'::timestamp,
                    zoned = timestamptz '2017-09-15 00:00+00' from TABLE
                """: "t|t|t|t|t|t|t|t|t|t|t|t|t|t|t|t"
            ]
        ),
        SinkCase(
            "plain strings go into columns of uuid, json, jsonb, macaddr8, inet, xml, ltree and tsvector",
            "P1",
            "P2",
            "P9",
            "X26",
            table: """
                create table TABLE (id bigint primary key, ref uuid, doc json, bin jsonb, mac macaddr8, net inet,
                    markup xml, tree ltree, words tsvector, money money)
                """,
            fields: fields(
                CaseFields.field("ref", "string"),
                CaseFields.field("doc", "string"),
                CaseFields.field("bin", "string"),
                CaseFields.field("mac", "string"),
                CaseFields.field("net", "string"),
                CaseFields.field("markup", "string", "io.debezium.data.Xml"),
                CaseFields.field("tree", "string", "io.debezium.data.Ltree"),
                CaseFields.field("words", "string", "io.debezium.data.Tsvector"),
                CaseFields.field("money", "string")
            ),
            events: rows(
                #""ref":"9bc6a215-84b5-4865-a058-9156427c887a","doc":"{\"b\":1,  \"a\":2}","bin":"{\"b\":1,  \"a\":2}","#
                    + #""mac":"08:00:2b:01:02:03:04:05","net":"192.168.1.0","markup":"<doc>abc</doc>","#
                    + #""tree":"Top.Science","words":"'it''s':3 'fat':2A","money":"3.14""#
            ),
            expected: [
                "select ref, doc, bin, mac, net, markup, tree, words, money::numeric from TABLE":
                    #"9bc6a215-84b5-4865-a058-9156427c887a|{"b":1,  "a":2}|{"a": 2, "b": 1}|"#
                    + #"08:00:2b:01:02:03:04:05|192.168.1.0|<doc>abc</doc>|Top.Science|'fat':2A 'it''s':3|3.14"#
            ]
        ),
        SinkCase(
            "bytes go into bytea, bits into bit and boolean",
            "P3",
            "B17",
            table:
                "create table TABLE (id bigint primary key, raw bytea, bits bit(16), one bit(1), flag boolean)",
            fields: fields(
                CaseFields.field("raw", "bytes"),
                CaseFields.field("bits", "bytes", "io.debezium.data.Bits", #","parameters":{"length":"16"}"#),
                CaseFields.field("one", "boolean"),
                CaseFields.field("flag", "boolean")
            ),
            events: rows(
                #""raw":"AQID","bits":"AgE=","one":true,"flag":false"#,
                #""raw":"","bits":"","one":false,"flag":true"#,
                #""raw":null,"bits":null,"one":null,"flag":null"#
            ),
            expected: [CaseRows.all: "1|\\x010203|0000000100000010|1|f\n2|\\x|0000000000000000|0|t\n3||||"]
        ),
        SinkCase(
            "a map goes into hstore, with quotes, backslashes and null",
            "P8",
            table: "create table TABLE (id bigint primary key, pairs hstore)",
            fields: fields(
                CaseFields.field(
                    "pairs",
                    "map",
                    nil,
                    #","keys":{"type":"string"},"values":{"type":"string","optional":true}"#
                )
            ),
            events: rows(#""pairs":{"a \"q\"":"b\\c","n":null}"#, #""pairs":{}"#, #""pairs":null"#),
            expected: [
                #"select id, pairs -> 'a "q"', exist(pairs, 'n'), pairs -> 'n' is null from TABLE order by 1"#:
                    "1|b\\c|t|t\n2||f|t\n3|||t"
            ]
        ),
        SinkCase(
            "labels go into an enum whose name has capitals",
            "P14",
            table: #"""
                create type "TOPIC_Enum" as enum ('user', 'assistant');
                create table TABLE (id bigint primary key, who "TOPIC_Enum")
                """#,
            fields: fields(CaseFields.field("who", "string", "io.debezium.data.Enum")),
            events: rows(#""who":"user""#, #""who":"assistant""#, #""who":null"#),
            expected: [CaseRows.all: "1|user\n2|assistant\n3|"]
        ),
        SinkCase(
            "vectors, geometries and ranges without a schema are what the column's type reads",
            "P17",
            table: "create table TABLE (id bigint primary key, span tstzrange, days daterange, spot point)",
            forms: [.envelopeWithoutSchema],
            events: rows(
                #""span":"[\"2017-06-05 11:29:12.549426+00\",)","days":"[2019-03-31,infinity)","spot":{"x":1.5,"y":-2}"#
            ),
            expected: [
                "select span = '[2017-06-05 11:29:12.549426+00,)', days, spot from TABLE":
                    "t|[2019-03-31,infinity)|(1.5,-2)"
            ]
        ),
    ]

    private static let keyFields = CaseFields(
        [
            CaseFields.field("ref", "string", "io.debezium.data.Uuid"),
            CaseFields.field("day", "int32", "io.debezium.time.Date"),
            CaseFields.field("stamp", "int64", "io.debezium.time.MicroTimestamp"),
            CaseFields.field("clock", "int64", "io.debezium.time.MicroTime"),
            CaseFields.field(
                "price",
                "bytes",
                "org.apache.kafka.connect.data.Decimal",
                #","parameters":{"scale":"2"}"#
            ),
            CaseFields.field("raw", "bytes"),
            CaseFields.field("bits", "bytes", "io.debezium.data.Bits", #","parameters":{"length":"16"}"#),
            CaseFields.field("flag", "boolean"), CaseFields.field("ratio", "double"),
            CaseFields.field("net", "string"), CaseFields.field("code", "string"),
        ].joined(separator: ",")
    )

    private static func manyKeys(_ stamp: Int) -> String {
        #"{"ref":"9bc6a215-84b5-4865-a058-9156427c887a","day":17424,"stamp":\#(stamp),"clock":86400000000,"#
            + #""price":"fQ==","raw":"AQID","bits":"AgE=","flag":true,"ratio":"NaN","net":"10.0.0.1","code":"ab "}"#
    }

    private static let keys = SinkCase(
        "a key may be of many types at once",
        table: """
            create table TABLE (ref uuid, day date, stamp timestamp, clock time, price numeric(10, 2), raw bytea,
                bits bit(16), flag boolean, ratio double precision, net inet, code char(5), v text,
                primary key (ref, day, stamp, clock, price, raw, bits, flag, ratio, net, code))
            """,
        key: keyFields,
        fields: "v:string?",
        forms: [.envelope, .flat],
        events: [
            .create(manyKeys(0), #"{"v":"a"}"#), .create(manyKeys(1), #"{"v":"b"}"#),
            .create(manyKeys(9_223_372_036_825_200_000), #"{"v":"c"}"#), .update(manyKeys(0), #"{"v":"d"}"#),
            .delete(manyKeys(1), before: #"{"v":"b"}"#),
            .delete(manyKeys(9_223_372_036_825_200_000), before: "{}"),
        ],
        expected: [
            CaseRows.all: "9bc6a215-84b5-4865-a058-9156427c887a|2017-09-15|1970-01-01 00:00:00|24:00:00|1.25|"
                + #"\x010203|0000000100000010|t|NaN|10.0.0.1|ab   |d"#
        ]
    )

    private static let lists: [SinkCase] = [
        SinkCase(
            "lists go into columns of lists, with nulls, empty ones and none",
            "P5",
            "P6",
            "P7",
            "B17",
            table: """
                create table TABLE (id bigint primary key, texts text[], shorts varchar(5)[], ints int[], flags bool[],
                    refs uuid[])
                """,
            fields: fields(
                CaseFields.field("texts", "array", nil, items),
                CaseFields.field("shorts", "array", nil, items),
                CaseFields.field("ints", "array", nil, #","items":{"type":"int32","optional":true}"#),
                CaseFields.field("flags", "array", nil, #","items":{"type":"boolean","optional":true}"#),
                CaseFields.field(
                    "refs",
                    "array",
                    nil,
                    #","items":{"type":"string","name":"io.debezium.data.Uuid"}"#
                )
            ),
            events: rows(
                #""texts":["a"],"shorts":["a","b","c"],"ints":[1,2,42],"flags":[false,true],"refs":["9bc6a215-84b5-4865-a058-9156427c887a"]"#,
                #""texts":["a",null,"c",null],"shorts":[],"ints":[null],"flags":[],"refs":[]"#,
                #""texts":[],"shorts":null,"ints":null,"flags":null,"refs":null"#,
                #""texts":null,"shorts":null,"ints":null,"flags":null,"refs":null"#
            ),
            expected: [
                CaseRows.all: "1|{a}|{a,b,c}|{1,2,42}|{f,t}|{9bc6a215-84b5-4865-a058-9156427c887a}\n"
                    + "2|{a,NULL,c,NULL}|{}|{NULL}|{}|{}\n3|{}||||\n4|||||"
            ]
        ),
        SinkCase(
            "lists of numbers keep every digit",
            "P10",
            "P11",
            table: "create table TABLE (id bigint primary key, fixed numeric(10, 2)[], free numeric[])",
            fields: fields(
                CaseFields.field(
                    "fixed",
                    "array",
                    nil,
                    #","items":{"type":"bytes","optional":true,"name":"org.apache.kafka.connect.data.Decimal","#
                        + #""parameters":{"scale":"2"}}"#
                ),
                CaseFields.field(
                    "free",
                    "array",
                    nil,
                    #","items":{"type":"struct","optional":true,"name":"io.debezium.data.VariableScaleDecimal"}"#
                )
            ),
            forms: [.envelope, .flat],
            // 1.25, 2.50, -9999999.99; 3.14, 99999999999999999999.
            events: rows(
                #""fixed":["fQ==","APo=","xGU2AQ=="],"free":[{"scale":2,"value":"ATo="},null,{"scale":0,"value":"BWvHXi1jD///"}]"#
            ),
            expected: [
                CaseRows.all: "1|{1.25,2.50,-9999999.99}|{3.14,NULL,99999999999999999999}"
            ]
        ),
        SinkCase(
            "lists of numbers without a fixed scale make a column of numeric",
            "P11",
            fields: fields(
                CaseFields.field(
                    "free",
                    "array",
                    nil,
                    #","items":{"type":"struct","optional":true,"name":"io.debezium.data.VariableScaleDecimal"}"#
                )
            ),
            events: rows(#""free":[{"scale":2,"value":"ATo="},null]"#),
            expected: [
                CaseRows.shape: "id bigint not null, free numeric[], primary key (id)",
                CaseRows.all: "1|{3.14,NULL}",
            ]
        ),
        SinkCase(
            "lists of strings go into lists of addresses, ranges and documents",
            "P12",
            table: """
                create table TABLE (id bigint primary key, inets inet[], cidrs cidr[], macs macaddr[], spans tsrange[],
                    docs jsonb[])
                """,
            fields: fields(
                CaseFields.field("inets", "array", nil, items),
                CaseFields.field("cidrs", "array", nil, items),
                CaseFields.field("macs", "array", nil, items),
                CaseFields.field("spans", "array", nil, items),
                CaseFields.field(
                    "docs",
                    "array",
                    nil,
                    #","items":{"type":"string","optional":true,"name":"io.debezium.data.Json"}"#
                )
            ),
            events: rows(
                #""inets":["192.168.1.7"],"cidrs":["10.0.0.0/8",null],"macs":["08:00:2b:01:02:03"],"#
                    + #""spans":["[\"2019-03-31 15:30:00\",infinity)"],"docs":["{\"k\":[1]}","null"]"#
            ),
            expected: [
                CaseRows.all: #"1|{192.168.1.7}|{10.0.0.0/8,NULL}|{08:00:2b:01:02:03}|"#
                    + #"{"[\"2019-03-31 15:30:00\",infinity)"}|{"{\"k\": [1]}","null"}"#
            ]
        ),
    ]

    private static let times: [SinkCase] = [
        SinkCase(
            "infinite times are infinite wherever they stand in a batch",
            "P17",
            "P18",
            "P19",
            table: """
                create table TABLE (id bigint primary key, zoned timestamptz, plain timestamp, day date,
                    span tstzrange)
                """,
            fields: fields(
                CaseFields.field("zoned", "string", "io.debezium.time.ZonedTimestamp"),
                CaseFields.field("plain", "int64", "io.debezium.time.MicroTimestamp"),
                CaseFields.field("day", "int32", "io.debezium.time.Date"),
                CaseFields.field("span", "string")
            ),
            events: rows(
                #""zoned":"2022-12-31T14:15:16.456789Z","plain":1683735438123456,"day":17424,"span":"[-infinity,infinity]""#,
                #""zoned":"infinity","plain":9223372036825200000,"day":-622191234,"span":"empty""#,
                #""zoned":"-infinity","plain":-9223372036832400000,"day":-625821272,"span":"(,)""#,
                #""zoned":"2022-12-31T14:15:16Z","plain":0,"day":0,"span":null"#
            ),
            expected: [
                "select id, zoned at time zone 'UTC', plain, day, span from TABLE order by 1":
                    "1|2022-12-31 14:15:16.456789|2023-05-10 16:17:18.123456|2017-09-15|[-infinity,infinity]\n"
                    + "2|infinity|infinity|infinity|empty\n3|-infinity|-infinity|-infinity|(,)\n"
                    + "4|2022-12-31 14:15:16|1970-01-01 00:00:00|1970-01-01|"
            ]
        ),
        SinkCase(
            "midnight at the end of the day stays there",
            "X17",
            table: "create table TABLE (id bigint primary key, ms time(3), us time, zoned timetz)",
            fields: fields(
                CaseFields.field("ms", "int32", "io.debezium.time.Time"),
                CaseFields.field("us", "int64", "io.debezium.time.MicroTime"),
                CaseFields.field("zoned", "string", "io.debezium.time.ZonedTime")
            ),
            events: rows(
                #""ms":86400000,"us":86400000000,"zoned":"24:00:00Z""#,
                #""ms":86399999,"us":86399999999,"zoned":"14:15:16.456789Z""#,
                #""ms":0,"us":0,"zoned":null"#
            ),
            expected: [
                CaseRows.all:
                    "1|24:00:00|24:00:00|24:00:00+00\n2|23:59:59.999|23:59:59.999999|14:15:16.456789+00\n"
                    + "3|00:00:00|00:00:00|"
            ]
        ),
    ]
}
