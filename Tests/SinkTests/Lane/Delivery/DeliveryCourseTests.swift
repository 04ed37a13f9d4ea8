import Model
import Postgres
import Testing

@testable import Sink

/// What happens to a batch, one event after the other, and what the lane is to do each time.
struct DeliveryCourseTests {
    private static let place = TopicPartition(topic: "t", partition: 0)

    enum Event: Sendable {
        case launched, settle, lost, paused, applied, fenced
        case found(Batch.Fate)
        case refused(String)
    }

    struct Course: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let events: [Event]
        let actions: [String]
        var isInFlight = false

        init(_ name: String, _ events: [Event], _ actions: [String], isInFlight: Bool = false) {
            (testDescription, self.events, self.actions, self.isInFlight) = (
                name, events, actions, isInFlight
            )
        }
    }

    private static let courses = [
        Course("a batch is sent", [.launched], ["-"], isInFlight: true),
        Course("a batch is applied", [.launched, .settle, .applied], ["-", "read", "finish"]),
        Course(
            "the connection is lost, and the batch had been applied",
            [.launched, .settle, .lost, .paused, .found(.applied)],
            ["-", "read", "pause", "look up", "finish"]
        ),
        Course(
            "the connection is lost twice, and the batch had not been applied",
            [
                .launched, .lost, .paused, .found(.notApplied), .lost, .paused, .found(.notApplied), .applied,
            ],
            ["-", "pause", "look up", "send", "pause", "look up", "send", "finish"]
        ),
        Course(
            "the progress was moved by somebody else",
            [.launched, .settle, .fenced, .found(.taken([place]))],
            ["-", "read", "look up", "give way t-0"]
        ),
        Course(
            "the fence was this batch's own, of a connection that was lost",
            [.launched, .lost, .paused, .found(.notApplied), .fenced, .found(.applied)],
            ["-", "pause", "look up", "send", "look up", "finish"]
        ),
        Course(
            "a record is to blame",
            [.launched, .settle, .refused("22003")],
            ["-", "read", "divide"]
        ),
        Course(
            "a lock is waited for, and then had",
            [.launched, .settle, .refused("55P03"), .paused, .applied],
            ["-", "read", "pause", "send", "finish"]
        ),
        Course(
            "a column was renamed: the catalog is read once, and after a batch once more",
            [
                .launched, .settle, .refused("42703"), .launched, .settle, .applied,
                .launched, .settle, .refused("42703"), .launched, .settle, .refused("42703"),
            ],
            [
                "-", "read", "catalog", "-", "read", "finish", "-", "read", "catalog", "-", "read", "stop",
            ]
        ),
        Course("a right is missing", [.launched, .settle, .refused("42501")], ["-", "read", "stop"]),
    ]

    @Test(arguments: courses)
    func `each event has its action`(_ course: Course) {
        var machine = DeliveryCourse()
        #expect(course.events.map { Self.take($0, &machine) } == course.actions)
        #expect(machine.isInFlight == course.isInFlight)
    }

    private static func take(_ event: Event, _ machine: inout DeliveryCourse) -> String {
        switch event {
        case .launched:
            machine.launched()
            return "-"
        case .settle: return word(machine.settle())
        case .lost: return word(machine.lost(error(nil), doing: "apply"))
        case .paused: return word(machine.paused())
        case .found(let fate): return word(machine.found(fate))
        case .applied: return word(machine.answered(.applied))
        case .fenced: return word(machine.answered(.fenced))
        case .refused(let state):
            return word(machine.answered(.refused(Refusal(error: error(state), statement: "write rows"))))
        }
    }

    private static func error(_ state: String?) -> PostgresError {
        PostgresError(
            code: state == nil ? .connectionLost : .server,
            sqlState: state.map { SQLState($0) },
            message: "m",
            server: "s"
        )
    }

    private static func word(_ action: DeliveryCourse.Action) -> String {
        switch action {
        case .send: "send"
        case .readAnswer: "read"
        case .lookUp: "look up"
        case .pause: "pause"
        case .finish: "finish"
        case .giveWay(let places): "give way " + places.map { "\($0.topic)-\($0.partition)" }.joined()
        case .divide: "divide"
        case .readCatalog: "catalog"
        case .stop: "stop"
        }
    }
}
