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
    /// The secret of customer contact. With it or ``appSecret`` set, other secrets are answered 40001.
    package var contactSecret: String?
    /// Life of an access token.
    package var tokenSeconds: Int
    /// Milliseconds after which employees confirm a mass-send task. `nil`: never.
    package var confirmsAfter: Int?
    /// Customers no task can reach.
    package var unreachableCustomers: Set<String>
    /// People of the corp; the app's messages to anybody else are answered with `invaliduser`. `nil`: everybody exists.
    package var members: Set<String>?
    /// People without an interface licence.
    package var unlicensed: Set<String> = []
    /// The app's secret. With it or ``contactSecret`` set, other secrets are answered 40001.
    package var appSecret: String?
    /// Where clicks on cards are sent; without one cards with buttons are refused, as the platform does.
    package var callback: Callback?

    /// The app's call-back, as entered in the platform's console.
    package struct Callback: Sendable {
        package var url: String
        package var token: String
        /// EncodingAESKey: 43 characters.
        package var key: String
        package var corpID: String

        package init(url: String, token: String, key: String, corpID: String) {
            self.url = url
            self.token = token
            self.key = key
            self.corpID = corpID
        }
    }

    package init(
        host: String = "127.0.0.1", port: Int = 0, robotKeys: Set<String>? = nil, webhookSecret: String? = nil,
        showPath: String? = nil, contactSecret: String? = nil, tokenSeconds: Int = 7_200, confirmsAfter: Int? = 1_000,
        unreachableCustomers: Set<String> = [], members: Set<String>? = nil, unlicensed: Set<String> = [],
        appSecret: String? = nil, callback: Callback? = nil
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
        self.members = members
        self.unlicensed = unlicensed
        self.appSecret = appSecret
        self.callback = callback
    }
}
