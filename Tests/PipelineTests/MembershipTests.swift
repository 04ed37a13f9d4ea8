import Cluster
import Foundation
import Model
import Testing

/// Members of the cluster that come and go while a program runs.
extension PipelineTests {
    @Test func `who was told of one member asks the others too, and goes on when that one leaves`()
        async throws
    {
        try await capture()
        let urls = try #require(lab.environment["HANDOVER_PATRONI_URLS"]).split(separator: ",")
        var clients: [String: PatroniClient] = [:]
        for url in urls {
            let client = PatroniClient(servers: [String(url)])
            if let name = try await client.leaders().first { clients[name] = client }
        }
        let leader = try lab.leader()
        // It knows the leader alone, and with it whom the leader names.
        let client = try #require(clients[leader])
        #expect(try await client.cluster().members.count == 3)
        try lab.verb("switchover")
        let next = try lab.leader()
        #expect(next != leader)
        try await follows(client, next)
        let following = Deadline.after(.seconds(60))
        while try await client.cluster().members.first(where: { $0.name == leader })?.state != "streaming" {
            try #require(!following.hasPassed, "\(leader) does not follow")
            try await Task.sleep(for: .milliseconds(500))
        }
        try lab.verb("kill", leader)
        defer { _ = try? lab.verb("start", leader) }
        try await follows(client, next)
        #expect(try await client.history().count > 0)
    }

    private func follows(_ client: PatroniClient, _ leader: String) async throws {
        let deadline = Deadline.after(.seconds(30))
        while true {
            let leaders = (try? await client.leaders()) ?? []
            let cluster = try? await client.cluster()
            if leaders == [leader], cluster?.leader?.name == leader { return }
            try #require(!deadline.hasPassed, "leaders \(leaders), cluster \(String(describing: cluster))")
            try await Task.sleep(for: .milliseconds(200))
        }
    }
}
