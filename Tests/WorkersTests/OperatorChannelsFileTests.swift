import Contracts
import FleetOperator
import Testing

/// What the files say about reaching people: apps, routes, quiet times, calendars, CSV.
struct OperatorChannelsFileTests {
    private func faults(_ body: () throws -> Void) -> [String] {
        do {
            try body()
            return []
        } catch let error as FileFaults {
            return error.faults.map { ($0.file.map { "\($0): " } ?? "") + $0.description }
        } catch {
            return ["unexpected: \(error)"]
        }
    }

    private static let corps = """
        corps:
          - id: ww1
            name: 店
            robots:
              - {id: compliance, key: "env:A"}
            app:
              agent_id: 1000012
              secret: env:APP_SECRET
              callback_token: env:APP_TOKEN
              callback_key: env:APP_KEY
            routes:
              - {leader: true}
              - {severities: [严重, 4], side: employee, departments: [2], recipients: [legal], robots: [compliance]}
            quiet: {night: "21:30-09:00", summary: off}
            fallback_robots: [compliance]
        """

    @Test func anAppAndItsRoutesAreRead() throws {
        let corp = try #require(try CorpsFile.read(Self.corps, corpID: nil).corps.first)
        #expect(corp.app?.agentID == 1_000_012 && corp.app?.hasCallback == true)
        #expect(corp.routes?.count == 2)
        #expect(corp.routes?[1].severities == [.serious, .urgent])
        #expect(corp.routes?[1].side == .employee && corp.routes?[1].departments == [2])
        #expect(corp.quiet?.night?.from.description == "21:30" && corp.quiet?.summaryAt == nil)
        #expect(corp.fallbackRobots == ["compliance"])
    }

    @Test func aCorpThatSaysNothingIsQuietInTheNight() throws {
        func quiet(_ line: String) throws -> CorpsConfiguration.Quiet? {
            try CorpsFile.read("corps:\n  - id: ww1\n    name: a\n\(line)", corpID: nil).corps.first?.quiet
        }
        #expect(try quiet("") == .standard)
        #expect(try quiet("    quiet: off") == nil)
        #expect(try quiet("    quiet: {summary: \"17:00\"}")?.night == CorpsConfiguration.Quiet.standard.night)
    }

    @Test func everyFaultOfTheChannelsIsTold() {
        let text = """
            corps:
              - id: ww1
                name: 店
                app: {agent_id: x, secret: plain, callback_token: "env:T"}
                routes:
                  - {severities: [高]}
                  - {robots: [gone]}
                quiet: {night: "22-8", summary: "25:00"}
                fallback_robots: [gone]
              - id: ww2
                name: 店
                routes:
                  - {leader: true}
            """
        let found = faults { _ = try CorpsFile.read(text, corpID: nil) }
        for part in [
            "app.agent_id: must be a whole number", "app.secret: must say where", "app.callback_key: is missing",
            "高 is none of 提示, 一般, 严重, 紧急", "the route tells nobody", "gone is none of this corp's: it has none",
            "quiet.night: must be two times", "quiet.summary: must be a time", "gone is no robot of this corp",
            "corps[1].routes[0].leader: people are written to by the corp's app, and there is no app",
        ] { #expect(found.contains { $0.contains(part) }, "\(part) in \(found)") }
        #expect(!found.joined().contains("plain"))
    }

    @Test func theDifferenceOfChannelsIsShown() throws {
        let new = try CorpsFile.read(Self.corps, corpID: nil)
        var old = new
        old.corps[0].app = nil
        old.corps[0].routes = nil
        old.corps[0].quiet = nil
        old.corps[0].fallbackRobots = nil
        #expect(
            CorpsFile.changes(from: old, to: new) == [
                "~ corp ww1 店: app none → 1000012 with buttons, routes to the leader → 2, "
                    + "quiet off → night 21:30-09:00, summary off, fallback robots  → compliance"
            ])
    }

    private static let files = WordLists { path in
        switch path {
        case "departments.csv":
            """
            部门ID,部门名称,上级部门ID,负责人,备注
            1,总部,,zong,"多
            行"
            2,客服部,1,zhouning;hejun,
            """
        case "staff.csv": "帐号,姓名,部门ID,请假\nzong,宗经理,1,\nzhouning,周宁,2,是\nhejun,何军,2,否\n"
        case "days.csv": "日期,类型\n2026-10-01,休\n2026-10-10,班\n"
        case "bad.csv": "帐号,姓名,部门ID,请假\n,无名,2,\nzong,又一个,x,maybe\n\"a,b\n"
        default: throw WordLists.Unreadable("can't be read")
        }
    }

    @Test func aDirectoryMayStandInCSVFiles() throws {
        let value = try DirectoryFile.read(
            """
            corp_id: ww1
            calendars:
              - {id: office, hours: 08:30-17:30, holidays: [2026-02-16..2026-02-18], days_from: [days.csv]}
            departments_from: [departments.csv]
            employees_from: [staff.csv]
            """, corpID: nil, lists: Self.files)
        #expect(value.departments.map(\.parentID) == [nil, 1])
        #expect(value.departments.map(\.leaders) == [["zong"], ["zhouning", "hejun"]])
        #expect(value.employees.map(\.absent) == [false, true, false])
        let calendar = try #require(value.calendars?.first)
        #expect(calendar.holidays.map(\.description) == ["2026-02-16", "2026-02-17", "2026-02-18", "2026-10-01"])
        #expect(calendar.makeupDays.map(\.description) == ["2026-10-10"])
    }

    @Test func faultsOfACSVFileHaveItsLines() {
        let found = faults {
            _ = try DirectoryFile.read(
                """
                corp_id: ww1
                calendars:
                  - {id: a, hours: 18:00-09:00}
                  - {id: b, holidays: [2026-02-30], weekdays: [0]}
                departments:
                  - {id: 1, name: a, calendar: gone, leaders: [nobody]}
                employees_from: [staff.csv, bad.csv, missing.csv]
                departments_from: [departments.csv]
                """, corpID: nil, lists: Self.files)
        }
        for part in [
            "bad.csv: line 2: id: is missing", "bad.csv: line 3: department_id: must be a whole number",
            "bad.csv: line 3: absent: must be true or false", "bad.csv: line 3: id: zong is given twice",
            "bad.csv: line 4: a quotation mark is opened and never closed", "missing.csv can't be read",
            "departments.csv: line 2: id: department 1 is given twice", "hours: must be two times",
            "2026-02-30 is no day", "weekdays: must name days", "there is no calendar gone",
            "leaders: nobody is not among the employees",
        ] { #expect(found.contains { $0.contains(part) }, "\(part) in \(found)") }
    }

    @Test func vacantLeadersAndUnknownIdsAreReported() {
        let value = DirectoryConfiguration(
            corpID: "ww1",
            departments: [
                .init(id: 1, name: "总部", parentID: nil, leaders: ["zong"]),
                .init(id: 2, name: "客服部", parentID: 1, leaders: ["hejun"]),
                .init(id: 3, name: "一店", parentID: 2, leaders: []),
            ],
            employees: [
                .init(id: "zong", name: "宗", departmentID: 1),
                .init(id: "hejun", name: "何", departmentID: 2, absent: true),
                .init(id: "wang", name: "王", departmentID: 3),
            ])
        let corps = CorpsConfiguration(corps: [
            .init(id: "ww1", name: "店", routes: [.init(departments: [2, 9], recipients: ["Zong", "gone"])])
        ])
        let found = DirectoryFile.findings(value, corps: corps)
        #expect(found.faults.isEmpty)
        #expect(
            found.warnings == [
                "department 2 客服部 has no leader present: its alerts go to zong of department 1",
                "department 3 一店 has no leader: its alerts go to zong of department 1",
                "route 1 of the corp names gone, who is not among the employees",
                "route 1 of the corp names department 9, which does not exist",
            ])
        var vacant = value
        vacant.employees[0].absent = true
        #expect(
            DirectoryFile.findings(vacant, corps: nil).warnings.count { $0.contains("go to the rules' recipients") }
                == 3)
    }
}
