/// A question and its answer, as the library hands them over piece by piece.
///
/// Only the library's thread touches it.
final class Exchange {
    /// What to do after the head.
    enum Start {
        /// Answer before any body is read; the library then closes the connection.
        case answer(HTTPAnswer)
        /// Read on; with or without a body to come.
        case read(hasBody: Bool)
    }

    /// What a complete question comes to.
    enum Finish {
        case answer(HTTPAnswer)
        /// The answer is to be made while the connection rests.
        case wait(@Sendable () async -> HTTPAnswer)
    }

    private enum Plan {
        case ask(HTTPRoute, RequestTarget, parameters: [String: String])
        case refuse(HTTPAnswer)
    }

    /// A body larger than the limit is read on to this many times the limit, so that the client takes note of
    /// the refusal instead of a broken connection.
    private static let patience = 16

    let target: [UInt8]
    private var plan: Plan?
    private var body: [UInt8] = []
    private var received = 0
    /// The answer that the connection rests for.
    var awaited: AwaitedAnswer?

    init(target: [UInt8]) {
        self.target = target
    }

    /// Whether the head was weighed.
    var hasBegun: Bool { plan != nil }

    /// Weighs the head.
    func begin(_ head: RequestHead, through door: Door, _ core: ServerCore) -> Start {
        let plan = Self.plan(head, through: door, core)
        self.plan = plan
        if head.hasMalformedName {
            return .answer(.refusal(400, "refused: the name of a header is malformed"))
        }
        switch BodyFraming(head) {
        case .ambiguous:
            return .answer(
                .refusal(400, "refused: Content-Length and Transfer-Encoding leave the body's end open")
            )
        case .length(let length) where length > core.limits.bodyBytes:
            return .answer(Self.tooLarge(core.limits))
        case .none: return .read(hasBody: false)
        case .length, .chunked:
            if head.isWaiting, case .refuse(let answer) = plan { return .answer(answer) }
            return .read(hasBody: true)
        }
    }

    /// Takes a piece of the body.
    ///
    /// - Returns: false when the connection is to be closed: the client sends without end.
    func take(_ piece: UnsafeRawBufferPointer, _ limits: HTTPLimits) -> Bool {
        received += piece.count
        guard received <= limits.bodyBytes else {
            body = []
            return received / Self.patience <= limits.bodyBytes
        }
        if case .ask = plan { body.append(contentsOf: piece) }
        return true
    }

    /// The answer to a question that is complete.
    func finish(_ limits: HTTPLimits) -> Finish {
        guard received <= limits.bodyBytes else { return .answer(Self.tooLarge(limits)) }
        switch plan {
        case .ask(let route, let target, let parameters):
            let question = HTTPQuestion(parameters: parameters, queries: target.queries, body: body)
            switch route.maker {
            case .now(let answer): return .answer(answer(question))
            case .later(let answer): return .wait { await answer(question) }
            }
        case .refuse(let answer): return .answer(answer)
        case nil: return .answer(.refusal(500, "the question has no head"))
        }
    }

    private static func plan(_ head: RequestHead, through door: Door, _ core: ServerCore) -> Plan {
        if let refusal = core.admission.refusal(head) { return .refuse(refusal) }
        guard let target = RequestTarget(head.target) else {
            return .refuse(.refusal(400, "refused: the path or the query is malformed"))
        }
        switch core.routes.find(head.method, target.parts) {
        case .unknownPath: return .refuse(.refusal(404, "nothing is known under this path"))
        case .wrongMethod(let allow):
            return .refuse(.refusal(405, "the path takes other methods: \(allow)", ["Allow": allow]))
        case .route(let route, let parameters):
            if let refusal = core.admission.orderRefusal(head, through: door, isPrivate: route.isPrivate) {
                return .refuse(refusal)
            }
            return .ask(route, target, parameters: parameters)
        }
    }

    private static func tooLarge(_ limits: HTTPLimits) -> HTTPAnswer {
        .refusal(413, "refused: the body has more than \(limits.bodyBytes) bytes", ["Connection": "close"])
    }
}
