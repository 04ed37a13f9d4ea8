import Synchronization

/// Questions to a registry that are under way, asked from a thread that must not stand still.
final class SchemaRequests: Sendable {
    typealias Answer = Result<FetchedSchema, RegistryFailure>

    private let client: RegistryClient
    /// `nil` as long as there is no answer.
    private let answers = Mutex<[SchemaID: Answer?]>([:])

    init(_ client: RegistryClient) { self.client = client }

    /// Asks, unless that was done and not answered yet.
    func ask(_ id: SchemaID) {
        let isAsked = answers.withLock { answers in
            guard answers[id] == nil else { return true }
            answers[id] = .some(nil)
            return false
        }
        guard !isAsked else { return }
        let client = client
        Task.detached { [weak self] in
            let answer: Answer
            do throws(RegistryFailure) {
                answer = .success(try await client.schema(id))
            } catch {
                answer = .failure(error)
            }
            self?.answers.withLock { $0[id] = answer }
        }
    }

    /// The answer, once; `nil` where there is none yet.
    func take(_ id: SchemaID) -> Answer? {
        answers.withLock { answers in
            guard let found = answers[id], let answer = found else { return nil }
            answers[id] = nil
            return answer
        }
    }
}
