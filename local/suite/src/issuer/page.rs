//! The sign-in page and the pages for what cannot be sent back to the client. They load nothing but
//! their own style sheet, and run no script.

use super::people::PEOPLE;

pub const STYLE: &str = include_str!("page.css");

/// The page that lists everyone; the answer is posted with the client's own parameters.
pub fn sign_in(parameters: &[(String, String)]) -> String {
    let hidden = parameters.iter().map(|(name, value)| {
        let (name, value) = (escaped(name), escaped(value));
        format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">\n")
    });
    let people = PEOPLE.iter().map(|person| {
        let initials: String =
            person.name.split(' ').filter_map(|part| part.chars().next()).collect();
        format!(
            "<li><button name=\"person\" value=\"{}\"><span class=\"initials\" aria-hidden=\"true\">\
             {initials}</span><span><strong>{}</strong> <span class=\"title\">{}</span>\
             <span class=\"does\">{}</span></span></button></li>\n",
            person.subject,
            person.name,
            person.title(),
            person.does
        )
    });
    let (hidden, people): (String, String) = (hidden.collect(), people.collect());
    framed(
        "Sign in",
        &format!(
            "<p>Everyone here works at a bank that does not exist. Who are you?</p>\n\
             <form method=\"post\" action=\"/oauth2/authorize\">\n{hidden}<ul>\n{people}</ul>\n</form>\n\
             <p class=\"note\">This is the suite's development issuer. In the cloud, people sign in at \
             the institution's own.</p>"
        ),
    )
}

/// A page with one sentence.
pub fn told(title: &str, sentence: &str) -> String {
    framed(
        title,
        &format!("<p>{}</p>\n<p><a href=\"/\">Go to the start</a></p>", escaped(sentence)),
    )
}

fn framed(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title} · FinCrime Sentinel</title>\n\
         <link rel=\"stylesheet\" href=\"/oauth2/page.css\">\n</head>\n<body>\n<main>\n\
         <p class=\"brand\">FinCrime Sentinel</p>\n<h1>{title}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    )
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_lists_everyone_and_quotes_the_client_escaped() {
        let hostile = ("state".to_owned(), "\"><script>alert('1')</script>&".to_owned());
        let html = sign_in(&[hostile]);
        for person in &PEOPLE {
            assert!(html.contains(&format!("value=\"{}\"", person.subject)), "{person:?}");
        }
        assert!(
            html.contains(
                "value=\"&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;\""
            )
        );
        assert!(!html.contains("<script"));
        assert!(
            !html.contains("http://") && !html.contains("https://") && !html.contains("style=")
        );
    }
}
