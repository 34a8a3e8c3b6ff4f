package import Contracts

/// The file behind `scrm directory apply`: departments, employees, who leads whom, and when they work. Departments,
/// employees and the days of calendars may stand in CSV files beside it.
package enum DirectoryFile: ConfigurationFile {
    package static let kind = DirectoryConfiguration.kind
    package static let topic = Topics.directory
    package static let users = [Schema.archive, .monitor, .alerting]

    package static func key(of value: DirectoryConfiguration) -> String { "\(value.corpID)/\(kind)" }

    package static func summary(_ value: DirectoryConfiguration) -> String {
        "departments: \(value.departments.count), employees: \(value.employees.count)"
    }

    package static func read(_ text: String, corpID: String?) throws(FileFaults) -> DirectoryConfiguration {
        try read(text, corpID: corpID, lists: .none)
    }

    /// What is wrong with a department or an employee, where it stands.
    typealias Complaint = (_ key: String, _ problem: String) -> FileFault

    package static func read(
        _ text: String, corpID: String?, lists: WordLists
    ) throws(FileFaults) -> DirectoryConfiguration {
        let root = try FileNode(parsing: text)
        var faults: [FileFault] = []
        let allowed = ["corp_id", "departments", "departments_from", "employees", "employees_from", "calendars"]
        guard let file = FileMapping(root, allowed: allowed, faults: &faults) else { throw FileFaults(faults) }
        let corp = Self.corpID(file, option: corpID, faults: &faults)
        let calendars = CalendarReading.calendars(file, lists: lists, faults: &faults)
        let departments = departments(file, lists: lists, faults: &faults)
        let employees = employees(
            file, lists: lists, departments: Set(departments.map(\.value.id)), faults: &faults)
        let known = Set(employees.map { $0.id.lowercased() })
        for (department, fault) in departments {
            for leader in department.leaders where !known.contains(leader.lowercased()) {
                faults.append(fault("leaders", "\(leader) is not among the employees"))
            }
            if let calendar = department.calendar, !(calendars ?? []).contains(where: { $0.id == calendar }) {
                faults.append(fault("calendar", "there is no calendar \(calendar)"))
            }
        }
        faults += DepartmentTree.faults(departments)
        guard faults.isEmpty else { throw FileFaults(faults) }
        return DirectoryConfiguration(
            corpID: corp, departments: departments.map(\.value), employees: employees, calendars: calendars)
    }

    package static func findings(
        _ value: DirectoryConfiguration, corps: CorpsConfiguration?
    ) -> ConfigurationFindings {
        var findings = ConfigurationFindings()
        findings.warnings = DirectoryFindings.warnings(value, corps: corps)
        return findings
    }

    package static func changes(from old: DirectoryConfiguration?, to new: DirectoryConfiguration) -> [String] {
        SetDifference.lines(
            "department", from: old?.departments ?? [], to: new.departments, id: { String($0.id) },
            title: { "\($0.id) \($0.name)" },
            detail: { before, after in
                SetDifference.field("name", before.name, after.name)
                    + SetDifference.field("parent", text(before.parentID), text(after.parentID))
                    + SetDifference.counts("leaders", before.leaders, after.leaders)
                    + SetDifference.field("calendar", before.calendar ?? "none", after.calendar ?? "none")
            })
            + SetDifference.lines(
                "calendar", from: old?.calendars ?? [], to: new.calendars ?? [], id: \.id, title: \.id,
                detail: { before, after in
                    SetDifference.field(
                        "hours", "\(before.from)-\(before.until)", "\(after.from)-\(after.until)")
                        + SetDifference.counts("weekdays", before.weekdays, after.weekdays)
                        + SetDifference.counts("holidays", before.holidays, after.holidays)
                        + SetDifference.counts("make-up days", before.makeupDays, after.makeupDays)
                })
            + SetDifference.lines(
                "employee", from: old?.employees ?? [], to: new.employees, id: { $0.id.lowercased() },
                title: { "\($0.id) \($0.name)" },
                detail: { before, after in
                    SetDifference.field("name", before.name, after.name)
                        + SetDifference.field("department", before.departmentID, after.departmentID)
                        + SetDifference.field("absent", before.absent, after.absent)
                })
    }

    private static func text(_ id: Int?) -> String { id.map(String.init) ?? "none" }

    private static let departmentColumns = [
        CSVTable.Column(name: "id", others: ["部门id"]), CSVTable.Column(name: "name", others: ["部门名称", "部门"]),
        CSVTable.Column(name: "parent_id", others: ["上级部门id"], isRequired: false),
        // Several, separated by spaces or semicolons.
        CSVTable.Column(name: "leaders", others: ["负责人"], isRequired: false),
        CSVTable.Column(name: "calendar", others: ["日历"], isRequired: false),
    ]

    private static let employeeColumns = [
        CSVTable.Column(name: "id", others: ["userid", "账号", "帐号"]), CSVTable.Column(name: "name", others: ["姓名"]),
        CSVTable.Column(name: "department_id", others: ["部门id"]),
        CSVTable.Column(name: "absent", others: ["请假"], isRequired: false),
    ]

    private static func departments(
        _ file: FileMapping, lists: WordLists, faults: inout [FileFault]
    ) -> [(value: DirectoryConfiguration.Department, fault: Complaint)] {
        var found: [(value: DirectoryConfiguration.Department, fault: Complaint)] = []
        for node in file.list("departments", faults: &faults) {
            let allowed = ["id", "name", "parent_id", "leaders", "calendar"]
            guard let item = FileMapping(node, allowed: allowed, faults: &faults) else { continue }
            let value = DirectoryConfiguration.Department(
                id: item.requiredInteger("id", faults: &faults), name: item.text("name", faults: &faults),
                parentID: item.integer("parent_id", faults: &faults), leaders: item.texts("leaders", faults: &faults),
                calendar: item.node("calendar") == nil ? nil : item.text("calendar", faults: &faults))
            found.append((value, item.fault))
        }
        let rows = CSVTable.rows(
            "departments_from", of: file, columns: departmentColumns, lists: lists, faults: &faults)
        for row in rows {
            let leaders = (row.fields["leaders"] ?? "").split { $0 == ";" || $0 == "；" || $0.isWhitespace }
            let value = DirectoryConfiguration.Department(
                id: row.requiredInteger("id", faults: &faults), name: row.text("name", faults: &faults),
                parentID: row.integer("parent_id", faults: &faults), leaders: leaders.map(String.init),
                calendar: row.fields["calendar"])
            found.append((value, row.fault))
        }
        if found.isEmpty { faults.append(file.fault("departments", "must name at least one department")) }
        var seen: Set<Int> = []
        for (value, fault) in found where !seen.insert(value.id).inserted {
            faults.append(fault("id", "department \(value.id) is given twice"))
        }
        return found
    }

    private static func employees(
        _ file: FileMapping, lists: WordLists, departments: Set<Int>, faults: inout [FileFault]
    ) -> [DirectoryConfiguration.Employee] {
        var found: [(value: DirectoryConfiguration.Employee, hasDepartment: Bool, fault: Complaint)] = []
        for node in file.list("employees", faults: &faults) {
            let allowed = ["id", "name", "department_id", "absent"]
            guard let item = FileMapping(node, allowed: allowed, faults: &faults) else { continue }
            let value = DirectoryConfiguration.Employee(
                id: item.text("id", faults: &faults), name: item.text("name", faults: &faults),
                departmentID: item.requiredInteger("department_id", faults: &faults),
                absent: item.boolean("absent", default: false, faults: &faults))
            found.append((value, item.node("department_id")?.integer != nil, item.fault))
        }
        for row in CSVTable.rows("employees_from", of: file, columns: employeeColumns, lists: lists, faults: &faults) {
            let absent = row.fields["absent"].map(absence) ?? false
            if absent == nil { faults.append(row.fault("absent", "must be true or false")) }
            let value = DirectoryConfiguration.Employee(
                id: row.text("id", faults: &faults), name: row.text("name", faults: &faults),
                departmentID: row.requiredInteger("department_id", faults: &faults), absent: absent ?? false)
            found.append((value, row.fields["department_id"].flatMap { Int($0) } != nil, row.fault))
        }
        var seen: Set<String> = []
        for (value, hasDepartment, fault) in found {
            if !value.id.isEmpty, !seen.insert(value.id.lowercased()).inserted {
                faults.append(fault("id", "\(value.id) is given twice (ids are compared without regard to case)"))
            }
            if hasDepartment, !departments.contains(value.departmentID) {
                faults.append(fault("department_id", "there is no department \(value.departmentID)"))
            }
        }
        return found.map(\.value)
    }

    private static func absence(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "true", "yes", "1", "是": true
        case "false", "no", "0", "否": false
        default: nil
        }
    }
}
