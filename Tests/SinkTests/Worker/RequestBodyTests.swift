import HTTPServer
import Model
import Testing

@testable import Sink

@Suite struct RequestBodyTests {
    private func question(_ body: String) -> HTTPQuestion { HTTPQuestion(body: Array(body.utf8)) }

    @Test func `a connector is what was posted, with texts for numbers and booleans`() throws {
        let body =
            #"{"name":"s","config":{"tasks.max":2,"delete.enabled":true,"topics":"t"},"initial_state":"stopped"}"#
        let creation = try RequestBody.creation(question(body))
        #expect(creation.name == ConnectorName("s"))
        #expect(creation.properties == ["tasks.max": "2", "delete.enabled": "true", "topics": "t"])
        #expect(creation.initial == .stopped)
        let inside = try RequestBody.creation(question(#"{"config":{"name":"s"},"initial_state":null}"#))
        #expect(inside.name == ConnectorName("s"))
        #expect(inside.initial == .started)
    }

    @Test(arguments: [
        ("", "The body is not a JSON object"), ("[]", "The body is not a JSON object"),
        ("{\"name\":\"s\"", "The body is not a JSON object"), (#"{"name":"s"}"#, "The body must have config"),
        (#"{"name":"s","config":[]}"#, "The body must have config"),
        (#"{"config":{}}"#, "The body must have name"),
        (#"{"name":1,"config":{}}"#, "name must be a string"), (#"{"name":" ","config":{}}"#, "it is empty"),
        (#"{"name":"a\u0000","config":{}}"#, "it has control characters"),
        (#"{"name":"s","config":{"a":{}}}"#, "a must be a string, a number or a boolean"),
        (#"{"name":"s","config":{"a":null}}"#, "a must be a string, a number or a boolean"),
        (
            #"{"name":"s","config":{"name":"t"}}"#,
            "Connector name configuration (t) doesn't match connector name in the URL (s)"
        ),
        (#"{"name":"s","config":{},"initial_state":"GONE"}"#, "initial_state must be"),
    ])
    func `what is no connector is refused with the reason`(body: String, reason: String) {
        let error = #expect(throws: RESTRefusal.self) { try RequestBody.creation(question(body)) }
        #expect(error?.status == 400)
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
    }

    @Test func `changes set properties, and null takes them away`() throws {
        let changes = try RequestBody.changes(question(#"{"a":"1","b":null,"name":"s"}"#), of: "s")
        #expect(
            ConnectorAnswers.patched(["a": "0", "b": "0", "c": "0"], changes) == [
                "a": "1", "c": "0", "name": "s",
            ]
        )
        #expect(throws: RESTRefusal.self) { try RequestBody.changes(question(#"{"name":"t"}"#), of: "s") }
        #expect(throws: RESTRefusal.self) { try RequestBody.changes(question(#"{"name":null}"#), of: "s") }
    }

    @Test func `offsets name partitions, and null begins one anew`() throws {
        let body = """
            {"offsets":[{"partition":{"kafka_topic":"t","kafka_partition":0},"offset":{"kafka_offset":9}},
            {"partition":{"kafka_topic":"t","kafka_partition":"1"},"offset":{"kafka_offset":"10"}},
            {"partition":{"kafka_topic":"t","kafka_partition":2},"offset":null}]}
            """
        let offsets = try RequestBody.offsets(question(body))
        let expected: [TopicPartition: Int64?] = [
            TopicPartition(topic: "t", partition: 0): 9, TopicPartition(topic: "t", partition: 1): 10,
            TopicPartition(topic: "t", partition: 2): nil,
        ]
        #expect(offsets == expected)
    }

    @Test(arguments: [
        ("{}", "may not be null or empty"), (#"{"offsets":[]}"#, "may not be null or empty"),
        (#"{"offsets":[1]}"#, "cannot be null or missing"),
        (#"{"offsets":[{"offset":{}}]}"#, "cannot be null or missing"),
        (#"{"offsets":[{"partition":{"kafka_topic":"t"}}]}"#, "must contain the keys"),
        (#"{"offsets":[{"partition":{"kafka_topic":"t","kafka_partition":-1}}]}"#, "must contain the keys"),
        (
            #"{"offsets":[{"partition":{"kafka_topic":"t","kafka_partition":1},"offset":{}}]}"#,
            "contain the key 'kafka_offset'"
        ),
        (
            #"{"offsets":[{"partition":{"kafka_topic":"t","kafka_partition":1},"offset":{"kafka_offset":-1}}]}"#,
            "kafka_offset"
        ),
        (#"{"offsets":[{"partition":{"kafka_topic":"t","kafka_partition":1},"offset":7}]}"#, "kafka_offset"),
    ])
    func `what are no offsets is refused in Kafka Connect's words`(body: String, reason: String) {
        let error = #expect(throws: RESTRefusal.self) { try RequestBody.offsets(question(body)) }
        #expect(error?.status == 400)
        #expect(error?.message.contains(reason) == true)
    }

    @Test func `a thousand mutated bodies are read or refused`() {
        let bodies = [
            #"{"name":"sink","config":{"connector.class":"io.debezium.connector.jdbc.JdbcSinkConnector","tasks.max":2,"x":1.5}}"#,
            #"{"offsets":[{"partition":{"kafka_topic":"t","kafka_partition":0},"offset":{"kafka_offset":9}}]}"#,
            #"{"level":"DEBUG","name":"sink","properties":{"a":"b"},"state.v2":"PAUSED"}"#,
        ]
        var readCount = 0
        for round in 0..<1_000 {
            var random = FuzzRandom(seed: 21, round: round)
            var bytes = Array(bodies[round % bodies.count].utf8)
            for _ in 0...random.next(below: 4) { Mutation.apply(&bytes, &random) }
            let question = HTTPQuestion(body: bytes)
            if (try? RequestBody.creation(question)) != nil { readCount += 1 }
            if (try? RequestBody.offsets(question)) != nil { readCount += 1 }
            if let properties = try? RequestBody.candidate(question) {
                readCount += 1
                let document = ValidationDocument("C", properties, [])
                #expect(document.configs.count >= properties.count)
            }
            _ = try? RequestBody.changes(question, of: "sink")
            _ = try? RequestBody.level(question)
            for key in ["connector-a", "target-state-a", "restart-connector-a", "logger-cluster-root"] {
                _ = StateRecord(key: Array(key.utf8), value: bytes)
            }
        }
        // Neither are all refused: then nothing behind the first look would have been tried.
        #expect(readCount > 100)
    }
}
