// SPDX-License-Identifier: Apache-2.0
// TLS of a listener: certificate, key, and who may sign the certificates of clients.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

#include "base/result.h"
#include "settings/tls_settings.h"

namespace eddy::host {

// TLS 1.2 and 1.3, HTTP/1.1 only, certificates of clients as the settings say. The files are read here; a reload makes
// a new context. kConfig, naming the key of the configuration (`where`: "ingest.tls") and the file: not readable, no
// such content, a key of another certificate, a key with a passphrase.
Result<std::shared_ptr<boost::asio::ssl::context>> make_tls_context(const TlsSettings& settings,
                                                                    const std::string& where);

}  // namespace eddy::host
