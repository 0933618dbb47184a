//! What can be told of a person's profile on Windows from texts: of paths as the system spells them, and of an account's id.
//!
//! A text is compared with another as it is where the system has spelled both out (`GetFinalPathNameByHandleW`: each name
//! in the case that the disk has, no link on the path); elsewhere regardless of case.
//!
//! Windows: "Well-known SIDs"; "Naming files, paths, and namespaces".

/// The account of a person: one of this machine or of a domain, or one of Microsoft Entra. Accounts of the system, of
/// services and of pools of a web server have other authorities, also where their profiles are beside those of people.
pub(super) fn is_persons(account: &str) -> bool {
    ["S-1-5-21-", "S-1-12-1-"].iter().any(|authority| account.starts_with(authority))
}

/// A path on a disk of this machine, without the prefix of a path that the system has spelled out; `None` for one on a
/// server or a device.
pub(super) fn on_disk(spelled_out: &str) -> Option<&str> {
    let path = spelled_out.strip_prefix(r"\\?\")?;
    let is_disk = matches!(path.as_bytes(), [letter, b':', b'\\', ..] if letter.is_ascii_alphabetic());
    is_disk.then_some(path)
}

/// Whether a folder is the one that each profile has for local data.
pub(super) fn is_its_local_data(local: &str, profile: &str) -> bool {
    let rest = local.strip_prefix(profile.trim_end_matches('\\')).and_then(|rest| rest.strip_prefix('\\'));
    rest.is_some_and(|rest| rest.eq_ignore_ascii_case(r"AppData\Local"))
}

/// Whether two paths are the same for a system that ignores case. Some programs write the one variable of a profile's path.
pub(super) fn is_same(path: &str, other: &str, system_drive: &str) -> bool {
    const DRIVE: &str = "%systemdrive%";
    let plain = |path: &str| {
        let path = path.trim_end_matches('\\').to_lowercase();
        path.strip_prefix(DRIVE).map_or_else(|| path.clone(), |rest| system_drive.to_lowercase() + rest)
    };
    plain(path) == plain(other)
}

#[cfg(test)]
mod tests {
    use super::{is_its_local_data, is_persons, is_same, on_disk};

    #[test]
    fn the_account_of_a_service_is_no_persons() {
        for person in ["S-1-5-21-1004336348-1177238915-682003330-1001", "S-1-12-1-2127521184-1604012920-1887927527-1"] {
            assert!(is_persons(person), "{person}");
        }
        // The system, its services, a service's own, a web server's pool, a virtual machine's, a window manager's.
        for other in ["S-1-5-18", "S-1-5-19", "S-1-5-20", "S-1-5-80-1-2", "S-1-5-82-1", "S-1-5-83-1-2", "S-1-5-90-0-1"]
        {
            assert!(!is_persons(other), "{other}");
        }
        for other in ["", "S-1-5-21", "S-1-5-210-1", "s-1-5-21-1", "S-1-5-18.bak"] {
            assert!(!is_persons(other), "{other}");
        }
    }

    #[test]
    fn a_folder_on_a_server_or_a_device_is_none_on_a_disk() {
        assert_eq!(on_disk(r"\\?\C:\Users\jane"), Some(r"C:\Users\jane"));
        for other in [
            r"\\?\UNC\server\profiles\jane",
            r"\\server\profiles\jane",
            r"\\?\Volume{0}\Users\jane",
            r"\\?\unix\home\jane",
            r"\\.\C:\Users\jane",
            r"\\?\C:",
            r"\\?\C:Users",
            r"\\?\C:/Users",
            r"C:\Users\jane",
            "",
        ] {
            assert_eq!(on_disk(other), None, "{other}");
        }
    }

    #[test]
    fn only_one_folder_of_a_profile_is_that_for_local_data() {
        assert!(is_its_local_data(r"C:\Users\jane\AppData\Local", r"C:\Users\jane"));
        assert!(is_its_local_data(r"D:\appdata\local", r"D:\"));
        // The second is where a variable of the process's own leads.
        for other in [
            r"C:\Users\jane",
            r"C:\Users\jane\work\AppData\Local",
            r"C:\Users\jane\AppData\Local\Temp",
            r"C:\Users\janet\AppData\Local",
            r"C:\users\jane\AppData\Local",
            r"D:\AppData\Local",
        ] {
            assert!(!is_its_local_data(other, r"C:\Users\jane"), "{other}");
        }
    }

    #[test]
    fn case_and_the_drives_variable_tell_no_two_profiles_apart() {
        for same in [r"C:\Users\Jane", r"c:\users\JANE\", r"%SystemDrive%\Users\Jane"] {
            assert!(is_same(same, r"C:\Users\Jane", "C:"), "{same}");
        }
        for other in [r"C:\Users\Janet", r"D:\Users\Jane", r"%USERPROFILE%", ""] {
            assert!(!is_same(other, r"C:\Users\Jane", "C:"), "{other}");
        }
    }
}
