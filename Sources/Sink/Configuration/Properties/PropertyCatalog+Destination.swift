extension PropertyCatalog {
    static let url = Property.required(
        "connection.url",
        values: "`jdbc:postgresql://host:port/db?…`",
        hint: "such as jdbc:postgresql://host:5432/database",
        means: "required; several hosts with commas are tried in their order; parameters: "
            + "[below](#parameters-of-the-url)"
    )
    static let userName = Property.text(
        "connection.username",
        "connection.user",
        values: "a role",
        means: "wins over the URL's `user`; one of the two is required"
    )
    static let password = Property.text(
        "connection.password",
        values: "text",
        means: "wins over the URL's `password`"
    )
    static let passwordCommand = Property.text(
        "connection.password.command",
        values: "a program with its arguments",
        means:
            "prints the password, instead of `connection.password`: [sink](sink.md#passwords-from-a-command)",
        peers: "Confluent has classes for it"
    )
    static let credentials = Property.word(
        "jdbc.credentials.provider.class",
        among: [
            "io.confluent.connect.jdbc.util.DefaultJdbcCredentialsProvider",
            "io.confluent.connect.jdbc.util.EnvVarsJdbcCredentialsProvider",
        ],
        because: useCommand,
        means:
            "Confluent's; the second takes user and password from the variables `CONNECT_JDBC_CONNECTION_USER` and "
            + "`CONNECT_JDBC_CONNECTION_PASSWORD`",
        peers: "Confluent takes any class"
    )
    static let timeZone = Property.word(
        "use.time.zone",
        "database.time_zone",
        "db.timezone",
        among: ["UTC"],
        shown: "UTC",
        because: "the supported types have no time zone",
        means: "values without a zone stay without one",
        peers: "any zone"
    )

    static let destination = Group(
        "Destination",
        [
            url.entry, userName.entry, password.entry, passwordCommand.entry, credentials.entry,
            .refused("jdbc.credentials.provider.*", unless: [], because: useCommand),
            .effectless("connection.provider", because: pool),
            .effectless("connection.pool.*", because: pool),
            .effectless("hibernate.*", because: "there is no Hibernate here"),
            .refused(
                "dialect.name",
                unless: ["", "PostgreSqlDatabaseDialect"],
                because: "the destination is PostgreSQL"
            ),
            timeZone.entry,
            .refused(
                "date.timezone",
                unless: ["DB_TIMEZONE", "UTC"],
                because: "values go into the column as they are"
            ),
        ]
    )

    private static let useCommand =
        "classes cannot be loaded here; write ${env:NAME} or ${file:PATH:KEY} as the password, or a program that prints it as "
        + "connection.password.command"
    private static let pool = "each lane has one connection, without a pool"
}
