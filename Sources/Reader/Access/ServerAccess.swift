package import Cluster
import Commands
package import Options

/// How the REST interfaces of the cluster are reached.
package struct ServerAccess: Options {
    @OptionGroup(title: "Access to Patroni", prefix: "patroni", environment: "HANDOVER_PATRONI_")
    var patroniAccess: AccessOptions

    @OptionGroup(title: "Access to Kafka Connect", prefix: "connect", environment: "HANDOVER_CONNECT_")
    var connectAccess: AccessOptions

    package init() {}

    package func patroni(_ list: URLList?) throws -> RESTServers {
        RESTServers(list?.urls ?? [], credentials: try patroniAccess.credentials())
    }

    package func connect(_ list: URLList?) throws -> RESTServers {
        RESTServers(list?.urls ?? [], credentials: try connectAccess.credentials())
    }
}
