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

    package init(
        host: String = "127.0.0.1", port: Int = 0, robotKeys: Set<String>? = nil, webhookSecret: String? = nil,
        showPath: String? = nil
    ) {
        self.host = host
        self.port = port
        self.robotKeys = robotKeys
        self.webhookSecret = webhookSecret
        self.showPath = showPath
    }
}
