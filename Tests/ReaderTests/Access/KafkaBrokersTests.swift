import Testing

@testable import Access

struct KafkaBrokersTests {
    @Test func `each client of the brokers gets TLS and SASL, and its own needs win`() {
        let brokers = KafkaBrokers(
            servers: "b:9093",
            properties: ["security.protocol": "SSL", "enable.auto.commit": "true"]
        )
        let own = ["group.id": "handover-reader", "enable.auto.commit": "false"]
        #expect(
            brokers.client(own) == [
                "bootstrap.servers": "b:9093", "security.protocol": "SSL", "group.id": "handover-reader",
                "enable.auto.commit": "false",
            ]
        )
    }

    @Test func `a group that has the rights is asked as`() {
        let brokers = KafkaBrokers(servers: "b:9093", properties: ["group.id": "audit"])
        #expect(brokers.client(["group.id": "handover-reader"])["group.id"] == "audit")
        #expect(brokers.client()["group.id"] == "audit")
    }
}
