import Cluster
import Postgres
import Testing

@testable import Access

private let db1 = MemberAddress(host: "10.0.0.1", port: 5432)
private let db2 = MemberAddress(host: "10.0.0.2", port: 5432)
private let stranger = MemberAddress(host: "10.6.6.6", port: 5432)

private func trust(
    given: String? = nil,
    isPatroniAuthentic: Bool = false,
    source: String = "postgresql://guard@haproxy:5000/app"
) throws -> MemberTrust {
    MemberTrust(
        given: try given.map { try MemberList(argument: $0) },
        isPatroniAuthentic: isPatroniAuthentic,
        source: try ConnectionOptions(source)
    )
}

private func refusal(_ answer: MemberTrust.Answer) -> String? {
    if case .refuse(let reason) = answer { reason } else { nil }
}

struct MemberTrustTests {
    @Test func `a host that Patroni names over plain HTTP gets no password before the source leads there`()
        throws
    {
        var trust = try trust()
        #expect(trust.answer(about: "patroni1", at: stranger) == .askSource)
        let reason = refusal(trust.answer(about: "patroni1", at: stranger, met: db1))
        #expect(reason?.contains("patroni1 at 10.6.6.6:5432") == true)
        #expect(reason?.contains("--members") == true)
        // Nothing was learnt of it.
        #expect(trust.answer(about: "patroni1", at: stranger) == .askSource)
    }

    @Test func `a member that the source led to once is known, at that address only`() throws {
        var trust = try trust()
        #expect(trust.answer(about: "patroni1", at: db1, met: db1) == .reach(db1))
        #expect(trust.answer(about: "patroni1", at: db1) == .reach(db1))
        #expect(trust.answer(about: "patroni1", at: stranger) == .askSource)
        #expect(trust.answer(about: "patroni2", at: db1) == .askSource)
    }

    @Test func `a session by a Unix socket vouches for nobody`() throws {
        var trust = try trust()
        #expect(refusal(trust.answer(about: "patroni1", at: db1, met: nil)) != nil)
    }

    @Test func `members that were given are reached where the list says, whatever Patroni says`() throws {
        let list = "patroni1=db1.example:5432, patroni2=[fd00::2]:5433"
        let trust = try trust(given: list, isPatroniAuthentic: true)
        let named = MemberAddress(host: "db1.example", port: 5432)
        #expect(trust.answer(about: "patroni1", at: stranger) == .reach(named))
        #expect(
            trust.answer(about: "patroni2", at: db2)
                == .reach(MemberAddress(host: "fd00::2", port: 5433))
        )
        let reason = refusal(trust.answer(about: "patroni9", at: stranger))
        #expect(reason?.contains("patroni9 at 10.6.6.6:5432 is not among --members") == true)
    }

    @Test func `what Patroni says where nobody can forge it is believed`() throws {
        let trust = try trust(isPatroniAuthentic: true)
        #expect(trust.answer(about: "patroni2", at: db2) == .reach(db2))
    }

    @Test func `the hosts of the source's own URL are believed, with their ports`() throws {
        let trust = try trust(source: "postgresql://guard@10.0.0.1:5432,10.0.0.2:5433/app")
        #expect(trust.answer(about: "a", at: db1) == .reach(db1))
        #expect(trust.answer(about: "b", at: db2) == .askSource)
        let onePort = try ConnectionOptions("host=10.0.0.1,10.0.0.2 port=5432 user=guard")
        #expect(onePort.addresses == [db1, db2])
    }

    @Test(
        arguments: [
            (["https://db1:8008"], true), (["http://127.0.0.1:8008", "http://[::1]:8008"], true),
            (["http://localhost:8008/patroni"], true), (["http+unix://%2Frun%2Fpatroni.sock"], true),
            (["http://10.0.0.1:8008"], false), (["https://db1:8008", "http://db2:8008"], false),
            (["http://127.0.0.1.example:8008"], false), (["http://127.0.0.1@10.0.0.1:8008"], false),
            (["http://localhost@10.0.0.1/"], false), (["http://127.1:8008"], false), ([], false),
            (["db1:8008"], false),
        ] as [([String], Bool)]
    )
    func `answers are authentic by TLS or from this machine only`(urls: [String], expected: Bool) {
        #expect(RESTServers(urls).areAuthentic == expected)
    }

    @Test func `what the source's URL demands of a server is demanded of each member`() throws {
        let source = try ConnectionOptions(
            """
            host=haproxy hostaddr=10.9.9.9 port=5000 user=guard password=s3cret dbname=app sslmode=verify-full \
            sslrootcert=/etc/ca.pem sslcert=/etc/guard.pem sslkey=/etc/guard.key channel_binding=require \
            gssencmode=disable target_session_attrs=read-write
            """
        )
        let member = source.reaching(db1, as: "reader guard")
        for keyword in [
            "user", "password", "dbname", "sslmode", "sslrootcert", "sslcert", "sslkey", "channel_binding",
            "gssencmode",
        ] {
            #expect(member[keyword] == source[keyword], "\(keyword)")
        }
        #expect(member["host"] == "10.0.0.1")
        #expect(member["hostaddr"] == nil)
        #expect(member["port"] == "5432")
        #expect(member["target_session_attrs"] == nil)
    }

    @Test(
        arguments: [
            "", "patroni1", "patroni1=", "=db1:5432", "patroni1=db1", "patroni1=db1:0", "patroni1=db1:70000",
            "patroni1=/run:5432", "patroni1=fd00::1:5432", "patroni1=a b:5432", "a=b:1,a=c:1",
        ]
    )
    func `a list of members that is none is refused`(text: String) {
        #expect(throws: (any Error).self) { try MemberList(argument: text) }
    }
}
