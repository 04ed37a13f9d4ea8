import Model
import Postgres

/// What is to be done about the batch under way, and what is known of its transaction.
///
/// | in | event | then | do |
/// |---|---|---|---|
/// | nothing under way | `launched` | sent | go on with other work |
/// | sent | `lost` while it was sent | unknown | pause |
/// | sent | `settle` | sent | read the answer |
/// | sent | `lost` | unknown | pause |
/// | unknown | `paused` | unknown | read the stored progress, locked |
/// | unknown | `found(applied)` | nothing under way | finish |
/// | unknown | `found(notApplied)` | sent | send again |
/// | unknown | `found(taken)` | nothing under way | give way |
/// | sent | `answered(applied)` | nothing under way | finish |
/// | sent | `answered(fenced)` | unknown | read the stored progress, locked |
/// | sent | `answered(refused)`, the content is to blame | nothing under way | divide |
/// | sent | `answered(refused)`, the catalog is to blame, for the first time | nothing under way | read it anew |
/// | sent | `answered(refused)`, it passes | refused | pause |
/// | refused | `paused` | sent | send again |
/// | sent | `answered(refused)`, otherwise | nothing under way | stop |
///
/// A fence is not always somebody else's: the backend of a lost connection may have been asked for this very batch, and
/// got to it only after the stored progress was read. So the progress is read again.
struct DeliveryCourse: Equatable {
    private enum State: Equatable {
        case nothing
        /// The connection can do nothing else until the answer is read.
        case sent
        /// A transaction that ended without an answer may have committed.
        case unknown
        /// Nothing of it was applied, and the same may be applied later.
        case refused
    }

    enum Action {
        case send
        case readAnswer
        /// Reads the stored progress, locked, which waits for the old backend if it is still at work.
        case lookUp
        case pause(PostgresError, doing: String)
        case finish
        /// Another instance moved the progress of these partitions: nothing of the batch was applied here.
        case giveWay([TopicPartition])
        case divide(Refusal)
        case readCatalog(Refusal)
        case stop(PostgresError, doing: String)
    }

    private var state = State.nothing
    /// Whether the catalog was read again since a batch was applied.
    private var hasReadCatalog = false

    /// Whether a batch is sent and its answer is not read yet.
    var isInFlight: Bool { state == .sent }

    /// A batch is sent, or about to be.
    mutating func launched() { state = .sent }

    /// A batch under way is waited for.
    func settle() -> Action { .readAnswer }

    /// The connection failed while the batch was sent or its answer was read.
    mutating func lost(_ error: PostgresError, doing: String) -> Action {
        state = .unknown
        return .pause(error, doing: doing)
    }

    /// The pause is over.
    mutating func paused() -> Action {
        guard state == .refused else { return .lookUp }
        state = .sent
        return .send
    }

    /// What the stored progress says of the batch.
    mutating func found(_ fate: Batch.Fate) -> Action {
        switch fate {
        case .applied: return finished()
        case .notApplied:
            state = .sent
            return .send
        case .taken(let places):
            state = .nothing
            return .giveWay(places)
        }
    }

    /// What the server answered.
    mutating func answered(_ result: BatchTransaction.Result) -> Action {
        switch result {
        case .applied: return finished()
        case .fenced:
            state = .unknown
            return .lookUp
        case .refused(let refusal):
            state = .nothing
            switch refusal.error.remedy {
            case .isolateRecord: return .divide(refusal)
            case .rereadTables where !hasReadCatalog:
                hasReadCatalog = true
                return .readCatalog(refusal)
            case .retry:
                state = .refused
                return .pause(refusal.error, doing: refusal.statement)
            case .rereadTables, .reconnect, .stop: return .stop(refusal.error, doing: refusal.statement)
            }
        }
    }

    private mutating func finished() -> Action {
        (state, hasReadCatalog) = (.nothing, false)
        return .finish
    }
}
