package import Model

/// A failed task of the connector, started again.
package struct ConnectorStart: Sendable, Equatable {
    /// The timeline that led.
    package var timeline: Timeline
    /// The offset that it had stored.
    package var stored: LSN
    /// Microseconds since 1970.
    package var at: Int64
}

/// What was done to the connector, as a history has it.
package struct ConnectorJournal: Sendable {
    package internal(set) var restartCount = 0
    /// What was done to it, in words.
    package internal(set) var marks: [(monotonic: UInt64, text: String)] = []
    /// Where failed tasks were started again.
    package internal(set) var restartOffsets: [ConnectorStart] = []
    /// Where it was moved back to a fork.
    package internal(set) var rewinds: [String] = []
    /// What the guard had filled by a snapshot.
    package internal(set) var filledGaps: [FilledGap] = []
}
