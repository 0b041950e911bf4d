# SPDX-License-Identifier: Apache-2.0
"""The console in a real browser, at a real host."""

import hashlib
import json
import unittest
import urllib.error
import urllib.request

from eddy import BUILD, HostTest, wait_for
from ports import free_port
from prometheus import Prometheus

try:
    from browser import NARROW, WIDE, Browser, Keys
except ImportError:
    Browser = None

GROUPS = 10_000
TOKEN = "a-token-that-only-looks"
HOSTILE = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">\u202egnp.exe\u200b"


def word(number):
    """Letters only, no two alike: digits would be one cause to the host."""
    text = ""
    while number or not text:
        number, letter = divmod(number, 20)
        text += "ghijklmnopqrstuvwxyz"[letter]
    return text


def failing(kind, message, rest=b""):
    return b"fail|" + kind.encode() + b"|" + message.encode() + b"|" + rest


@unittest.skipUnless(Browser, "selenium is not installed")
class ConsoleTest(HostTest):
    def start(self, settings="", plugins=("says",)):
        host = self.host(settings)
        for plugin in plugins:
            host.drop(BUILD / f"test_plugins/{plugin}.so")
        return host.start()

    def fill(self, host, records, letters, stream="said", queue="SaysDLQ"):
        """Puts records, and waits until the index knows all the letters they make."""
        host.put(stream, records)
        host.wait_idle()

        def known():
            found = [one for one in self.api(host, "queues")["queues"] if one["queue"] == queue]
            return found and found[0]["letters"] >= letters
        wait_for("the index has all letters", known, 300)

    def api(self, host, path):
        status, text = host.get(f"/api/v1/{path}")
        self.assertEqual(status, 200, text)
        return json.loads(text)

    def browse(self, host, **options):
        browser = Browser(host.admin_url(), **options)
        self.addCleanup(browser.close)
        return browser

    def well_behaved(self, browser):
        """Nothing was asked of anybody else, and the browser had nothing to complain about."""
        own = (browser.url, "blob:", "data:", "about:", "chrome")
        self.assertEqual([url for url in browser.asked() if not url.startswith(own)], [])
        self.assertGreater(len(browser.asked()), 10)
        self.assertEqual(browser.complaints(), [])


class Views(ConsoleTest):
    """Each view says what the API says, at every width and in both colours."""

    def setUp(self):
        self.here = self.start(plugins=("says", "stamp_v1"))
        self.fill(self.here, [b"passes", failing("TooLate", "the order is too late", b'{"order":17}')] * 3, 3)
        self.letter = self.api(self.here, "queues/SaysDLQ/letters")["letters"][0]["id"]
        function = self.api(self.here, "functions")["functions"][0]["function"]
        self.views = {
            "overview": ["Nothing is wrong", "Delivered per second", "SaysDLQ", "says", function],
            "queues": ["SaysDLQ", "open 3"],
            "queues/SaysDLQ/groups": ["TooLate", "the order is too late", "1 in all"],
            "queues/SaysDLQ/letters": ["TooLate", self.letter[:10]],
            f"letters/{self.letter}": ["TooLate", self.letter, "said, partition", "Original record"],
            "queues/SaysDLQ/try": ["Plugin, a path on the host"],
            "queues/SaysDLQ/redrive": ["Letters per second"],
            "redrives": ["Nothing has been sent back yet"],
            "plugins": ["says", "running", "1.0.0"],
            "plugins/says": ["Build id", "What happened", "loaded"],
            "topology": ["said_out", "SaysDLQ"],
            "streams": ["said_out", "dead letter queue"],
            "streams/said": ["Partition 0 of", "passes"],
            "audit": ["eddy put"],
            "nowhere": ["There is no such view"],
        }

    def test_each_says_what_is_there(self):
        browser = self.browse(self.here)
        for view, texts in self.views.items():
            with self.subTest(view):
                browser.open(view)
                for text in texts:
                    browser.sees(text)
                self.assertEqual(browser.text(".problem"), "")
                self.assertEqual(len(browser.all("main h1")), 1)
        self.well_behaved(browser)

    def test_each_fits_a_narrow_screen(self):
        browser = self.browse(self.here, size=NARROW)
        for view, texts in self.views.items():
            with self.subTest(view):
                browser.open(view)
                browser.sees(texts[0])
                self.assertLessEqual(browser.script("return document.documentElement.scrollWidth"), NARROW[0])
        self.well_behaved(browser)

    def test_colours_follow_the_system_and_the_switch(self):
        browser = self.browse(self.here, scheme="dark")
        ground = "return getComputedStyle(document.documentElement).backgroundColor"
        browser.open("overview")
        browser.sees("Nothing is wrong")
        dark = browser.script(ground)
        browser.prefer("light")
        wait_for("another ground in the light", lambda: browser.script(ground) != dark)
        browser.press("t")  # light, whatever the system says
        browser.press("t")  # dark
        self.assert_becomes(lambda: browser.script(ground), dark, "dark by the switch")
        browser.open("queues")  # and it stays so
        browser.sees("SaysDLQ")
        self.assert_becomes(lambda: browser.script(ground), dark, "dark in another view")

    def test_text_has_contrast(self):
        for scheme in ("light", "dark"):
            browser = self.browse(self.here, scheme=scheme)
            for view, texts in self.views.items():
                with self.subTest(view, scheme=scheme):
                    browser.open(view)
                    browser.sees(texts[-1])
                    self.assertEqual(browser.script(POOR_CONTRAST), [])

    def test_everything_has_a_name(self):
        browser = self.browse(self.here)
        for view, texts in self.views.items():
            with self.subTest(view):
                browser.open(view)
                browser.sees(texts[-1])
                self.assertEqual(browser.script(NAMELESS), [])
                for landmark in ("header", "nav[aria-label]", "main", "[aria-live]"):
                    self.assertTrue(browser.all(landmark), landmark)

    def test_keys_alone_lead_through(self):
        browser = self.browse(self.here)
        browser.open()
        browser.sees("Nothing is wrong")
        browser.stop_clock()  # the letter of a view must come soon after its g
        browser.press("g", "q")
        browser.sees("open 3")
        browser.press("j", Keys.ENTER)
        wait_for("the groups", lambda: browser.at().endswith("/groups"))
        browser.sees("TooLate")
        browser.press("/", "Too*", Keys.ENTER)
        wait_for("the filter is in the address", lambda: "type=Too" in browser.at())
        browser.sees("Clear", "form.filter")  # it is not the list of before that is read and walked
        browser.sees("1 in all", ".list-foot")
        browser.press(Keys.ESCAPE, "j", Keys.ENTER)
        wait_for("the letters of the group", lambda: "group=" in browser.at())
        browser.sees(self.letter[:10], ".list")
        browser.press("j", Keys.ENTER)
        browser.sees("Original record")
        browser.press("?")
        browser.sees("Next row", "dialog")
        browser.press(Keys.ESCAPE)
        wait_for("the dialog has gone", lambda: not browser.all("dialog"))
        for key, title in (("p", "Plugins"), ("t", "Topology"), ("s", "Streams"), ("a", "Audit log"), ("r", "Redrives"), ("o", "Overview")):
            browser.press("g", key)
            browser.sees(title, "h1")
        self.well_behaved(browser)

    def test_a_browser_keeps_files_until_they_change(self):
        with urllib.request.urlopen(self.here.admin_url() + "/console/app.js") as reply:
            tag, policy = reply.headers["ETag"], reply.headers["Content-Security-Policy"]
            self.assertEqual(hashlib.sha256(reply.read()).hexdigest(), tag.strip('"'))
        for wanted in ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"):
            self.assertIn(wanted, policy)
        again = urllib.request.Request(self.here.admin_url() + "/console/app.js", headers={"If-None-Match": tag})
        with self.assertRaises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(again)
        self.assertEqual(caught.exception.code, 304)


class Hostile(ConsoleTest):
    def test_no_record_can_do_anything_but_be_read(self):
        host = self.start()
        megabyte = b"x" * 900_000
        originals = [HOSTILE.encode(), b"\xff\xfe\xed\xa0\x80 no text", b'{"a":"\\ud800","b":12345678901234567890123}', megabyte]
        self.fill(host, [failing(HOSTILE, HOSTILE, original) for original in originals], len(originals))
        browser = self.browse(host)
        browser.open("queues/SaysDLQ/groups")
        browser.sees("<script>document.title='owned'</script>")
        for letter in self.api(host, "queues/SaysDLQ/letters")["letters"]:
            browser.open("letters/" + letter["id"])
            browser.sees("Original record")
            for mark in ("U+202E", "U+200B"):
                browser.sees(mark, "h1")
            browser.sees("fail|" if "Raw" in browser.text(".tabs") else "66 61 69 6c 7c")
        browser.open("streams/said?limit=10")
        browser.sees("Partition 0 of")
        for record in browser.all("summary"):
            record.click()
        wait_for("every record is open", lambda: len(browser.all(".record .code")) == len(originals))
        browser.click("Show more")
        self.assertLess(len(browser.text(".record:last-child .code")), 400_000)
        self.assertNotIn("owned", browser.driver.title)
        self.assertEqual(browser.all("main script, main img, main iframe"), [])
        self.assertEqual(browser.script("return window.length"), 0)
        self.well_behaved(browser)


class Many(ConsoleTest):
    def test_ten_thousand_groups_scroll(self):
        host = self.start()
        self.fill(host, [failing("Cause_" + word(number), "it is " + word(number)) for number in range(GROUPS)], GROUPS)
        browser = self.browse(host)
        browser.open("queues/SaysDLQ/groups")
        browser.sees("10,000 in all", ".list-foot")
        few = 60  # rows in the document at any time: what is seen, and some beside it
        self.assertLess(len(browser.all(".row")), few)
        browser.script("document.querySelector('.list-body').scrollTop = 1e9")
        wait_for("the last row", lambda: browser.all(f"[aria-posinset='{GROUPS}']"), 300)
        self.assertLess(len(browser.all(".row")), few)
        browser.sees("all of them here", ".list-foot")
        names = browser.script("return [...document.querySelectorAll('.row b')].map((name) => name.textContent)")
        self.assertTrue(all(name.startswith("Cause_") for name in names), names)
        browser.press("k")
        self.assertEqual(browser.all(".row[aria-selected='true']")[0].get_attribute("aria-posinset"), "1")
        self.well_behaved(browser)


class Rights(ConsoleTest):
    def test_a_token_is_asked_for_and_its_rights_are_told(self):
        digest = hashlib.sha256(TOKEN.encode()).hexdigest()
        host = self.start(f"admin: {{ listen: '127.0.0.1:0', tokens: [{{ name: ann, hash: 'sha256:{digest}', rights: [view] }}] }}\n")
        browser = self.browse(host)
        browser.open("plugins/says")
        browser.sees("This host wants a token", "dialog")
        browser.fill("token", "a wrong one").send_keys(Keys.ENTER)
        wait_for("it is refused", lambda: browser.text("dialog .refusal"))
        browser.fill("token", TOKEN).send_keys(Keys.ENTER)
        browser.sees("Build id")
        browser.sees("ann", "#who")
        release = next(button for button in browser.all("button") if button.text == "Release")
        self.assertEqual(release.get_attribute("aria-disabled"), "true")
        self.assertIn("does not have the right “operate”", release.get_attribute("title"))

        def told():
            release.click()  # again when it was not read in the few seconds for which it is told
            return "does not have the right" in browser.text("#said")
        wait_for("the missing right is told", told)
        self.assertNotIn(TOKEN, browser.driver.page_source)
        self.assertNotIn(TOKEN, browser.script("return JSON.stringify(localStorage) + document.cookie + location.href"))
        self.assertEqual([url for url in browser.asked() if TOKEN in url], [])


class Loop(ConsoleTest):
    """See the groups, try the fix, reload, send back over a kill -9, watch it succeed."""

    ORDERS = 10_000
    RATE = 100  # so that the pause and the kill come long before its end, however late they come

    def test_the_whole_loop(self):
        host = self.with_letters()
        builds = {number: BUILD / f"test_plugins/orders_v{number}.so" for number in (2, 3)}
        prometheus = Prometheus(self, host.folder, [host.admin()])
        browser = self.browse(host)
        browser.open("queues/OrdersDLQ/groups")
        browser.sees("3 in all", ".list-foot")
        for cause in ("std::out_of_range", "CurrencyUnknown", "std::invalid_argument"):
            browser.sees(cause, ".list")
        self.assertEqual(self.tried(browser, builds[2]), {"std::out_of_range": "passes", "CurrencyUnknown": "passes",
                                                          "std::invalid_argument": "still fails"})
        self.assertEqual(set(self.tried(browser, builds[3]).values()), {"passes"})
        host.drop(builds[3], "orders.so")
        browser.open("plugins")
        browser.sees("3.0.0", "main table")
        self.redrive(browser)
        self.well_behaved(browser)
        self.kill_in_the_middle(browser, host)
        browser.sees("done", ".heading .badge", 600)
        browser.sees("100 %", ".tiles")
        wait_for("Prometheus sees it", lambda: prometheus.value('eddy_recovery_success_ratio{queue="OrdersDLQ"}') == 1)
        browser.open("queues")
        browser.sees(f"recovered {self.ORDERS:,}")
        priced = [record["value"].split()[0] for record in host.peek("orders_priced")]
        self.assertEqual((len(priced), len(set(priced))), (self.ORDERS, self.ORDERS), "nothing is missing, nothing is there twice")
        browser.open("audit")
        for action in ("POST /api/v1/queues/{queue}/try", "POST /api/v1/queues/{queue}/redrives"):
            browser.sees(action)

    def with_letters(self):
        """A host whose plugin has a bug, at an address that stays its own after a restart."""
        host = self.start(f"admin: {{ listen: '127.0.0.1:{free_port()}' }}\n", plugins=())
        host.drop(BUILD / "test_plugins/orders_v1.so", "orders.so")
        wait_for("the first build runs", lambda: self.version(host) == "1.0.0")
        self.fill(host, [b"%d" % number for number in range(self.ORDERS)], self.ORDERS, "orders", "OrdersDLQ")
        return host

    def version(self, host):
        return next((one["version"] for one in self.api(host, "plugins")["plugins"] if one["name"] == "orders"), None)

    def tried(self, browser, build):
        """By error type what the console says of each group."""
        browser.open("queues/OrdersDLQ/groups")
        browser.click("Try a build…", "button")
        browser.fill("plugin", str(build))
        browser.click("Try", "form button")
        browser.sees("done", ".badge", 300)
        rows = browser.script("""return [...document.querySelectorAll('table[aria-label="By group"] tbody tr')]
            .map((row) => [row.querySelector('b').textContent, row.querySelector('.badge').textContent])""")
        return dict(rows)

    def redrive(self, browser):
        browser.open("queues/OrdersDLQ/groups")
        browser.click("Redrive…", "button")
        browser.fill("rate", str(self.RATE))
        browser.click("Dry run", "form button")
        browser.sees(f"{self.ORDERS:,} letters would be taken")
        browser.click("Start the redrive", "form button")
        browser.sees("Progress")
        browser.click("Pause", ".actions button")
        browser.sees("paused", ".heading .badge")
        browser.click("Resume", ".actions button")
        browser.sees("running", ".heading .badge")

    def kill_in_the_middle(self, browser, host):
        """The page says that nobody answers, and goes on by itself when somebody does."""
        redrive = "redrives/" + browser.at().split("/")[-1]
        wait_for("a part is sent", lambda: self.api(host, redrive)["sent"] > self.ORDERS // 10, 120)
        host.kill()
        browser.sees("No answer", ".problem")
        queue = next(one for one in host.run_json("dlq", "ls")["queues"] if one["queue"] == "OrdersDLQ")
        self.assertGreater(queue["open"], 0, "the kill came too late")
        host.start()
        wait_for("the page goes on", lambda: not browser.text(".problem"))
        gone = ("net::ERR_CONNECTION_", "net::ERR_EMPTY_RESPONSE")  # as a question met the host that died
        self.assertEqual([said for said in browser.complaints() if not any(each in said for each in gone)], [])


# Names of elements whose text stands out too little from what is behind it: WCAG 2.1, 4.5 to 1, or 3 to 1 when large.
POOR_CONTRAST = """
const channel = (value) => (value /= 255) <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
const rgba = (colour) => {
  context.clearRect(0, 0, 1, 1);
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  return [...context.getImageData(0, 0, 1, 1).data];
};
const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
const behind = (node) => {
  for (; node; node = node.parentElement) {
    const colour = rgba(getComputedStyle(node).backgroundColor);
    if (colour[3] === 255) return colour;
  }
  return [255, 255, 255];
};
const poor = [];
for (const node of document.querySelectorAll("body *:not(svg *)")) {
  const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
  if (!own || !node.checkVisibility() || node.closest("[aria-disabled=true], .said, .skip")) continue;
  const style = getComputedStyle(node);
  const [a, b] = [light(rgba(style.color)), light(behind(node))];
  const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700);
  if (ratio < (large ? 3 : 4.5)) poor.push(`${node.tagName}.${node.className}: ${ratio.toFixed(2)}`);
}
return poor;
"""

# What can be operated and has no name that a screen reader could say.
NAMELESS = """
return [...document.querySelectorAll("a, button, input, select, textarea, summary, [tabindex='0']")]
  .filter((node) => node.checkVisibility())
  .filter((node) => !(node.textContent.trim() || node.getAttribute("aria-label") || node.labels?.length))
  .map((node) => node.outerHTML.slice(0, 120));
"""

if __name__ == "__main__":
    unittest.main()
