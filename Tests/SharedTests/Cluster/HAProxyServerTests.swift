import Testing

@testable import Shared

struct HAProxyServerTests {
    static let csv = """
        # pxname,svname,qcur,status,weight
        leader,FRONTEND,,OPEN,
        leader,patroni1,0,DOWN,1
        leader,patroni2,0,UP,1
        leader,patroni3,0,UP 1/2,1
        leader,BACKEND,0,UP,1
        replicas,patroni1,0,UP,1
        """

    @Test func `the servers of one proxy and whether they are up`() {
        #expect(
            HAProxyServer.parse(csv: Self.csv, proxy: "leader") == [
                .init(name: "patroni1", isUp: false), .init(name: "patroni2", isUp: true),
                .init(name: "patroni3", isUp: true),
            ]
        )
        #expect(HAProxyServer.parse(csv: Self.csv, proxy: "other").isEmpty)
        #expect(HAProxyServer.parse(csv: "<html>", proxy: "leader").isEmpty)
    }
}
