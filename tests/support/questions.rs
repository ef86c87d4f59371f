//! What people ask at night, the keys that answer it on the demo, and what then stands on the screen.

/// A question with its keys, from the home screen on, and words of the answer.
pub struct Asked {
    pub question: &'static str,
    pub keys: &'static str,
    pub answer: &'static [&'static str],
}

/// The questions of the README.
pub const ASKED: [Asked; 10] = [
    Asked {
        question: "Who reaches my database?",
        keys: "2/data/db<enter>",
        answer: &["WHO CAN REACH IT", "shop/catalog", "5432/tcp"],
    },
    Asked {
        question: "Why can the web not reach it?",
        keys: "w<c-u>shop/web -> data/db:5432<enter>",
        answer: &["INGRESS of data/db-0 is refused", "has app=web"],
    },
    Asked {
        question: "What would allow it?",
        keys: "w<c-u>shop/web -> data/db:5432<enter>G",
        answer: &["+ shop/web -> data/db 5432/tcp"],
    },
    Asked {
        question: "What is open to the internet?",
        keys: "5",
        answer: &["auth/login", "any source", "shop/web"],
    },
    Asked {
        question: "Who opened it?",
        keys: "5<enter>",
        answer: &["isolated by auth/login  last change kubernetes-admin [audit]"],
    },
    Asked {
        question: "Do they own the policy?",
        keys: "6/data/db<enter>",
        answer: &["carol", "[audit]", "NOT owner"],
    },
    Asked {
        question: "Who else could write it?",
        keys: "6/data/db<enter>u",
        answer: &["WHO ELSE CAN WRITE IT", "service account ci/deployer"],
    },
    Asked {
        question: "What changed in the last hour?",
        keys: "8",
        answer: &["shop/api", "alice", "+109"],
    },
    Asked {
        question: "What would this edit do?",
        keys: "6/data/db<enter>e<up><end><enter><backspace><backspace>- Egress",
        answer: &["LIVE DIFF", "- 84 pod pairs, 1 from/to outside closed"],
    },
    Asked {
        question: "Where do duties collide?",
        keys: "7c",
        answer: &["SOD-C4", "BUILD + NETPOL + ACCESS"],
    },
];
