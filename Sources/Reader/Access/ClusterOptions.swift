package import Commands
package import Options
package import Postgres

/// The cluster that is asked member by member: how its database is reached, who names its members, and who of them
/// gets the password.
package struct ClusterOptions: Options {
    @Option(
        environment: "HANDOVER_SOURCE_URL",
        help: "Source database; user, password and database are taken from it.",
        valueName: "url"
    )
    package var source: ConnectionOptions

    @Option(
        environment: "HANDOVER_PATRONI_URLS",
        help: "Patroni's REST interfaces, with commas between them."
    )
    package var patroni: URLList

    @Option(
        environment: "HANDOVER_MEMBERS",
        help: "The members that the source's password is for, and where they are reached.",
        details: """
            Without it, a member is believed that Patroni names by https or on this machine, or that the source's URL \
            leads to. With sslmode=verify-full HOST must be the name in the member's certificate.
            """,
        valueName: "name=host:port,…",
        absence: "none"
    )
    package var members: MemberList?

    package init() {}
}
