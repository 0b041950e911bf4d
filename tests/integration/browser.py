# SPDX-License-Identifier: Apache-2.0
"""A real Chromium on the console of a host: looked at, typed into, and listened to."""

import json

from selenium import webdriver
from selenium.common.exceptions import (ElementClickInterceptedException, ElementNotInteractableException,
                                        StaleElementReferenceException)
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from eddy import wait_for

WIDE = (1280, 860)
NARROW = (380, 800)


class Browser:
    def __init__(self, url, size=WIDE, scheme="light"):
        options = webdriver.ChromeOptions()
        # --no-sandbox: tests may run as root. The others keep the browser's own requests to its maker out of the log.
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
                         "--disable-component-update", "--no-first-run", "--disable-dev-shm-usage"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
        self.url = url
        self.requests = []
        self.resize(*size)
        self.prefer(scheme)

    def close(self):
        self.driver.quit()

    def resize(self, width, height):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                    {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})

    def prefer(self, scheme):
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia",
                                    {"features": [{"name": "prefers-color-scheme", "value": scheme}]})

    def open(self, view=""):
        """A view by its address, as from a link somebody was sent."""
        self.driver.get("about:blank")
        self.driver.get(f"{self.url}/{'#/' + view if view else ''}")

    def script(self, text, *arguments):
        return self.driver.execute_script(text, *arguments)

    def all(self, css):
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def text(self, css="main"):
        """What can be read, together; empty when there is none, or it is being drawn anew."""
        try:
            return "\n".join(found.text for found in self.all(css))
        except StaleElementReferenceException:
            return ""

    def sees(self, text, css="main", seconds=60):
        wait_for(f"{css} says {text!r}", lambda: text in self.text(css), seconds)

    def click(self, text, css="button, a"):
        def found():
            try:
                for one in self.all(css):
                    if one.is_displayed() and one.text.strip() == text:
                        one.click()
                        return True
            except (ElementClickInterceptedException, ElementNotInteractableException, StaleElementReferenceException):
                return False  # what is around it, or itself, is being drawn anew
        wait_for(f"something that is called {text!r}", found)

    def fill(self, name, text):
        field = wait_for(f"the field {name}", lambda: self.all(f"[name='{name}']"))[0]
        field.clear()
        field.send_keys(text)
        return field

    def press(self, *keys):
        def pressed(key):
            try:
                self.driver.switch_to.active_element.send_keys(key)
                return True
            except StaleElementReferenceException:
                return False  # what had the focus was drawn anew before the key came to it
        for key in keys:
            wait_for(f"something that takes {key!r}", lambda: pressed(key))

    def stop_clock(self):
        """No time passes for the page between two keys, however late the second is; until it is opened anew."""
        self.script("const now = Date.now(); Date.now = () => now;")

    def at(self):
        return self.script("return location.hash")

    def complaints(self):
        """What the console of the browser has been told since it was asked last: errors, refusals of the policy."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] != "INFO"]

    def asked(self):
        """Every address that was ever asked for."""
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                self.requests.append(message["params"]["request"]["url"])
        return self.requests


__all__ = ["Browser", "Keys", "NARROW", "WIDE"]
