/// How a stand-in behaves, faults aside.
package struct SandboxSettings: Sendable {
    package var host: String
    /// 0: any free port.
    package var port: Int
    /// Robots that exist; any other key is answered 93000. `nil`: every key is a robot.
    package var robotKeys: Set<String>?
    /// Webhook calls must be signed with it. `nil`: signatures are not looked at.
    package var webhookSecret: String?
    /// Every message taken in is appended to this file, as its reader would see it.
    package var showPath: String?
    /// Access tokens are given for this secret only. `nil`: for any.
    package var contactSecret: String?
    /// Life of an access token.
    package var tokenSeconds: Int
    /// Milliseconds after which employees confirm a mass-send task. `nil`: never.
    package var confirmsAfter: Int?
    /// Customers no task can reach.
    package var unreachableCustomers: Set<String>

    package init(
        host: String = "127.0.0.1", port: Int = 0, robotKeys: Set<String>? = nil, webhookSecret: String? = nil,
        showPath: String? = nil, contactSecret: String? = nil, tokenSeconds: Int = 7_200, confirmsAfter: Int? = 1_000,
        unreachableCustomers: Set<String> = []
    ) {
        self.host = host
        self.port = port
        self.robotKeys = robotKeys
        self.webhookSecret = webhookSecret
        self.showPath = showPath
        self.contactSecret = contactSecret
        self.tokenSeconds = tokenSeconds
        self.confirmsAfter = confirmsAfter
        self.unreachableCustomers = unreachableCustomers
    }
}
