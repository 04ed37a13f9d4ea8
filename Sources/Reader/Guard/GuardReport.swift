import History
import Logs
import Model
import Synchronization

/// Says what the guard does and refuses: in its log and in the history.
final class GuardReport: Sendable {
    private let connector: String
    private let history: String?
    private let logger: Logger
    private let isDryRun: Bool
    /// The last reason of each matter: it is said again only when it changes.
    private let said = Mutex<[String: String]>([:])

    init(connector: String, history: String?, logger: Logger, isDryRun: Bool) {
        (self.connector, self.history, self.logger, self.isDryRun) = (connector, history, logger, isDryRun)
    }

    /// What a person should know, and what changes nothing.
    func warn(_ text: String) {
        logger.warning("\(text)", metadata: ["connector": "\(connector)"])
    }

    /// An act, or a refusal to act.
    func act(
        _ action: HistoryLine.GuardAct.Action,
        _ reason: String,
        node: String? = nil,
        timeline: Timeline? = nil,
        from: LSN? = nil,
        to: LSN? = nil
    ) {
        var metadata: Logger.Metadata = ["connector": "\(connector)"]
        if let node { metadata["node"] = "\(node)" }
        if let timeline { metadata["timeline"] = "\(timeline)" }
        if let from { metadata["from"] = "\(from)" }
        if let to { metadata["to"] = "\(to)" }
        let level: Logger.Level = action == .gap || action == .refuse ? .warning : .notice
        logger.log(
            level: level,
            "\(isDryRun ? "would " : "")\(action.rawValue): \(reason)",
            metadata: metadata
        )
        guard !isDryRun else { return }
        append(
            .guardAct(
                .init(
                    connector: connector,
                    action: action,
                    reason: reason,
                    node: node,
                    timeline: timeline,
                    from: from?.description,
                    to: to?.description
                )
            )
        )
    }

    /// A refusal or a state that may come again with every look: said when its reason changes.
    ///
    /// - Returns: whether it was said.
    @discardableResult
    func once(
        _ matter: String,
        _ action: HistoryLine.GuardAct.Action,
        _ reason: String,
        node: String? = nil,
        timeline: Timeline? = nil,
        from: LSN? = nil,
        to: LSN? = nil
    ) -> Bool {
        let isNew = isNews(reason, about: matter)
        if isNew { act(action, reason, node: node, timeline: timeline, from: from, to: to) }
        return isNew
    }

    /// Whether this is not what was said last about a matter; it is from now on.
    private func isNews(_ text: String, about matter: String) -> Bool {
        said.withLock { said in
            defer { said[matter] = text }
            return said[matter] != text
        }
    }

    /// What was said about a matter is over.
    func forget(_ matter: String) {
        said.withLock { $0[matter] = nil }
    }

    /// A part that can't be reached, said once until it answers or fails for another reason; the log only.
    func failed(_ part: GuardError.Part, _ reason: String) {
        let matter = Self.matter(part)
        // Which of several servers it was, and after how many milliseconds, is no other reason.
        let kind = String(reason.unicodeScalars.filter { !("0"..."9" ~= $0) })
        guard isNews(kind, about: matter) else { return }
        logger.warning("\(part.rawValue) can't be asked: \(reason)", metadata: ["connector": "\(connector)"])
    }

    /// The part answers.
    func answered(_ part: GuardError.Part) {
        let wasAway = said.withLock { $0.removeValue(forKey: Self.matter(part)) != nil }
        if wasAway { logger.info("\(part.rawValue) answers", metadata: ["connector": "\(connector)"]) }
    }

    private static func matter(_ part: GuardError.Part) -> String { "part \(part.rawValue)" }

    func rewound(from: LSN, to: LSN, timeline: Timeline) {
        logger.notice(
            "rewound the stored offset",
            metadata: [
                "connector": "\(connector)", "from": "\(from)", "to": "\(to)", "timeline": "\(timeline)",
            ]
        )
        append(.rewind(connector: connector, from: from.description, to: to.description, timeline: timeline))
    }

    /// A failed task was started again, from what was stored then.
    func restarted(task: Int, _ reason: String, from stored: LSN?, timeline: Timeline) {
        logger.notice("restarted task \(task): \(reason)", metadata: ["connector": "\(connector)"])
        append(
            .restart(
                connector: connector,
                task: task,
                reason: reason,
                stored: stored?.description,
                timeline: timeline
            )
        )
    }

    func phantom(
        _ outcome: PhantomOutcome,
        table: String,
        key: String,
        timeline: Timeline,
        reason: String?
    ) {
        logger.log(
            level: outcome == .left ? .warning : .info,
            "phantom \(outcome.rawValue)\(reason.map { ": \($0)" } ?? "")",
            metadata: ["connector": "\(connector)", "table": "\(table)", "key": "\(key)"]
        )
        append(
            .phantom(
                .init(
                    connector: connector,
                    table: table,
                    key: key,
                    outcome: outcome.rawValue,
                    timeline: timeline,
                    reason: reason
                )
            )
        )
    }

    private func append(_ event: HistoryLine.Event) {
        guard let history else { return }
        do throws(HistoryError) {
            // Opened for each line: the file may be put aside while the guard runs.
            try HistoryFile(appendingTo: history).append(HistoryLine(event, at: .now()))
        } catch {
            // The history is evidence, not truth: capture must not stand still because a disk is full.
            logger.error("\(error)")
        }
    }
}
