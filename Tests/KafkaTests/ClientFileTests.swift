import Foundation
import Testing

@testable import Kafka

struct ClientFileTests {
    private func read(_ text: String) throws -> [String: String] {
        let path = NSTemporaryDirectory() + "client-\(UUID().uuidString).properties"
        try Data(text.utf8).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try ClientFile(path: path).properties
    }

    @Test func `the file of Kafka's own tools is read, with Java's names mapped`() throws {
        let found = try read(
            """
            # of kafka-topics.sh --command-config
            security.protocol=SASL_SSL
            sasl.mechanism=SCRAM-SHA-512
            sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required \\
                username="reader" password="p";
            ssl.truststore.type=PEM
            ssl.truststore.location=/etc/ca.pem
            group.id=reader-rights
            """
        )
        #expect(
            found == [
                "security.protocol": "SASL_SSL", "sasl.mechanism": "SCRAM-SHA-512", "sasl.username": "reader",
                "sasl.password": "p", "ssl.ca.location": "/etc/ca.pem", "group.id": "reader-rights",
            ]
        )
    }

    @Test(arguments: [
        ("bootstrap.servers=b:9092", "--bootstrap"), ("enable.auto.commit=true", "remove it"),
        ("ssl.truststore.location=/hunter2.jks", "keytool"), ("no.such.property=hunter2", "no.such.property"),
        ("security.protocol=hunter2", "security.protocol"),
        ("value.deserializer=hunter2", "Java class"), ("a=hunter2\na=hunter2", "line 2"),
    ])
    func `what can't be used is named, with the way out and without a value`(text: String, part: String) {
        let failure = #expect(throws: ClientFile.Failure.self) { try read(text) }
        #expect(failure?.description.contains(part) == true, "\(failure?.description ?? "")")
        #expect(failure?.description.contains("hunter2") == false)
    }

    @Test func `all that is wrong is said at once`() {
        let failure = #expect(throws: ClientFile.Failure.self) {
            try read("bootstrap.servers=b:9092\nssl.protocol=TLSv1.3\n")
        }
        #expect(failure?.problems.count == 2)
    }

    @Test func `a file that is not there is named`() {
        let failure = #expect(throws: ClientFile.Failure.self) { try ClientFile(path: "/nowhere/client") }
        #expect(failure?.description.contains("/nowhere/client") == true)
    }
}
