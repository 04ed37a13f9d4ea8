import HTTPServer

/// Why a question or an order gets another answer than the one that was hoped for, in Kafka Connect's statuses.
struct RESTRefusal: Error, Equatable {
    let status: Int
    let message: String

    init(_ status: Int, _ message: String) { (self.status, self.message) = (status, message) }

    static func noConnector(_ name: ConnectorName) -> RESTRefusal {
        RESTRefusal(404, "Connector \(name) not found")
    }

    var answer: HTTPAnswer { .json(RESTError(code: status, message: message), status: status) }
}
