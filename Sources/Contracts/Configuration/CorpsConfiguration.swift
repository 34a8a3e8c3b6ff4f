/// Value of `config.corps.v1`: the corps this fleet serves, and where their alerts may go.
package struct CorpsConfiguration: Codable, Sendable, Equatable {
    package static let kind = "corps"

    package var corps: [Corp]

    package init(corps: [Corp]) { self.corps = corps }

    package struct Corp: Codable, Sendable, Equatable {
        /// WeCom corp id, `ww…`.
        package var id: String
        package var name: String
        package var robots: [Robot]
        package var webhooks: [Webhook]
        /// Where the secret for customer contact (客户联系) is: `env:NAME` or `file:PATH`; `nil`: no campaigns go out.
        package var contactSecret: String?
        /// Writes to people directly; `nil` for none.
        package var app: App?
        /// `nil`: with an app, every alert goes to the leader of the employee concerned.
        package var routes: [Route]?
        /// `nil`: everything is told at once.
        package var quiet: Quiet?
        /// Robots that hear of an alert which another target can't be told of.
        package var fallbackRobots: [String]?

        package init(
            id: String, name: String, robots: [Robot] = [], webhooks: [Webhook] = [], contactSecret: String? = nil,
            app: App? = nil, routes: [Route]? = nil, quiet: Quiet? = nil, fallbackRobots: [String]? = nil
        ) {
            self.id = id
            self.name = name
            self.robots = robots
            self.webhooks = webhooks
            self.contactSecret = contactSecret
            self.app = app
            self.routes = routes
            self.quiet = quiet
            self.fallbackRobots = fallbackRobots
        }

        enum CodingKeys: String, CodingKey {
            case id, name, robots, webhooks, app, routes, quiet
            case contactSecret = "contact_secret"
            case fallbackRobots = "fallback_robots"
        }
    }

    /// A group robot.
    package struct Robot: Codable, Sendable, Equatable {
        package var id: String
        /// Where the key is: `env:NAME` or `file:PATH`. The key itself never enters a topic.
        package var key: String

        package init(id: String, key: String) {
            self.id = id
            self.key = key
        }
    }

    /// A generic webhook with HMAC-signed JSON.
    package struct Webhook: Codable, Sendable, Equatable {
        package var id: String
        package var url: String
        /// Where the secret is: `env:NAME` or `file:PATH`.
        package var secret: String

        package init(id: String, url: String, secret: String) {
            self.id = id
            self.url = url
            self.secret = secret
        }
    }
}
