public import Model

extension HistoryLine {
    /// What `reader guard` did, or refused to do, with a connector.
    public struct GuardAct: Sendable, Equatable {
        public enum Action: String, Sendable, CaseIterable {
            /// This guard acts from now on: it has the lock.
            case active
            /// Another guard has the lock: this one only answers.
            case passive
            /// The task that read from a former timeline was ended.
            case settle
            /// The timeline is cleared: the gate opens.
            case clear
            /// The connector was stopped, so that its offset can be moved.
            case stop
            /// The connector that the guard had stopped was resumed.
            case resume
            /// Changes are lost to the stream; capture waits, or goes on without them.
            case gap
            /// An incremental snapshot of the tables was asked for.
            case snapshot
            /// Nothing was done, for the reason.
            case refuse
            /// All phantoms of a fork are put right.
            case repaired
        }

        public var connector: String
        public var action: Action
        public var reason: String
        public var node: String?
        public var timeline: Timeline?
        public var from: String?
        public var to: String?

        public init(
            connector: String,
            action: Action,
            reason: String,
            node: String? = nil,
            timeline: Timeline? = nil,
            from: String? = nil,
            to: String? = nil
        ) {
            (self.connector, self.action, self.reason) = (connector, action, reason)
            (self.node, self.timeline, self.from, self.to) = (node, timeline, from, to)
        }
    }

    /// What became of one key whose event in the topic is of a timeline that is dead.
    public struct Phantom: Sendable, Equatable {
        public var connector: String
        public var table: String
        /// The record's key, as JSON.
        public var key: String
        /// `touched`, `deleted` or `left`.
        public var outcome: String
        public var timeline: Timeline
        public var reason: String?

        public init(
            connector: String,
            table: String,
            key: String,
            outcome: String,
            timeline: Timeline,
            reason: String?
        ) {
            (self.connector, self.table, self.key) = (connector, table, key)
            (self.outcome, self.timeline, self.reason) = (outcome, timeline, reason)
        }
    }
}
