import Cluster
import Model

/// Kafka Connect, asked about one connector and told what to do with it; each call waits for the answer.
struct ConnectorAccess: Sendable {
    let name: String
    private let patient: ConnectClient
    private let prompt: ConnectClient
    private let isSlotAdvanceAllowed: Bool
    /// While the gate is open, a look must take less than an answer to HAProxy holds, with the servers that hang: one
    /// frozen worker would close the gate else, and cut what reads through it on another.
    var isPrompt = false

    init(_ settings: GuardSettings) {
        name = settings.connector
        // A stop takes as long as the tasks that end; the worker answers when it is done.
        patient = ConnectClient(settings.connect, timeout: .seconds(8))
        prompt = ConnectClient(settings.connect, timeout: .seconds(1))
        isSlotAdvanceAllowed = settings.policy.isSlotAdvanceAllowed
    }

    // MARK: Questions

    /// The connector's configuration; `nil` where Kafka Connect has no such connector.
    func facts() throws(GuardError) -> ConnectorFacts? {
        do throws(GuardError) {
            return try ConnectorFacts(
                try ask { client, name async throws(ClusterError) in try await client.configuration(of: name)
                },
                isSlotAdvanceAllowed: isSlotAdvanceAllowed
            )
        } catch {
            guard error.isMissing else { throw error }
            return nil
        }
    }

    func status() throws(GuardError) -> ConnectorStatus {
        try ask { client, name async throws(ClusterError) in try await client.status(of: name) }
    }

    /// What is stored for a connector with this `topic.prefix`.
    func offsets(of prefix: String) throws(GuardError) -> StoredOffsets {
        try ask { client, name async throws(ClusterError) in try await client.offsets(of: name) }
            .of(server: prefix)
    }

    // MARK: Orders

    func restart(task: Int) throws(GuardError) {
        try order { client, name async throws(ClusterError) in
            try await client.restart(task: task, of: name)
        }
    }

    func restartFailed() throws(GuardError) {
        try ask { client, name async throws(ClusterError) in try await client.restartFailed(of: name) }
    }

    func stop() throws(GuardError) {
        try order { client, name async throws(ClusterError) in try await client.stop(name) }
    }

    func resume() throws(GuardError) {
        try order { client, name async throws(ClusterError) in try await client.resume(name) }
    }

    func store(_ offsets: StoredOffsets) throws(GuardError) {
        try order { client, name async throws(ClusterError) in try await client.store(offsets, of: name) }
    }

    private func ask<R: Sendable>(
        _ body: @escaping @Sendable (ConnectClient, String) async throws(ClusterError) -> R
    ) throws(GuardError) -> R {
        let (client, name) = (isPrompt ? prompt : patient, name)
        return try waiting(for: .connect) { () async throws(ClusterError) in try await body(client, name) }
    }

    private func order(
        _ body: @escaping @Sendable (ConnectClient, String) async throws(ClusterError) -> Void
    ) throws(GuardError) {
        let (client, name) = (patient, name)
        try waiting(for: .connect) { () async throws(ClusterError) in try await body(client, name) }
    }
}
