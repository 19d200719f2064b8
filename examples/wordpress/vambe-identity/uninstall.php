<?php
/** WordPress runs this when the plugin is deleted: the secret must not stay behind. */

defined( 'WP_UNINSTALL_PLUGIN' ) || exit;

delete_option( 'vambe_identity' );
