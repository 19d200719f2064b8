<?php
/** The plugin's settings: one option, and the page on which an administrator changes it. */

namespace VambeIdentity;

defined( 'ABSPATH' ) || exit;

const OPTION       = 'vambe_identity';
const PAGE         = 'vambe-identity';
const BADGES       = array( '', 'bottom-left', 'bottom-right', 'top-left', 'top-right' );
const SECRET_BYTES = 32;

add_action( 'admin_init', __NAMESPACE__ . '\register' );
add_action( 'admin_menu', __NAMESPACE__ . '\add_page' );

/** `url`, `secret` and `badge`, each a string. The constant VAMBE_IDENTITY_SECRET comes before the saved secret. */
function settings(): array {
	$settings = saved_settings();
	if ( defined( 'VAMBE_IDENTITY_SECRET' ) ) {
		$settings['secret'] = VAMBE_IDENTITY_SECRET;
	}
	return $settings;
}

function saved_settings(): array {
	$saved = get_option( OPTION, array() );
	$empty = array_fill_keys( array( 'url', 'secret', 'badge' ), '' );
	return is_array( $saved ) ? array_merge( $empty, array_map( 'strval', $saved ) ) : $empty;
}

function register(): void {
	$how = array(
		'type'              => 'array',
		'sanitize_callback' => __NAMESPACE__ . '\sanitize',
		'default'           => array(),
	);
	register_setting( PAGE, OPTION, $how );
}

function add_page(): void {
	$title = __( 'Vambe Identity', 'vambe-identity' );
	add_options_page( $title, $title, 'manage_options', PAGE, __NAMESPACE__ . '\print_page' );
}

/** What is wrong is said, and what was saved before stays. An empty secret leaves the one that there is. */
function sanitize( $given ): array {
	$kept   = saved_settings();
	$text   = function ( string $name ) use ( $given ): string {
		return is_array( $given ) && is_string( $given[ $name ] ?? null ) ? trim( $given[ $name ] ) : '';
	};
	$url    = untrailingslashit( esc_url_raw( $text( 'url' ), array( 'https', 'http' ) ) );
	$secret = $text( 'secret' );

	if ( ! wp_parse_url( $url, PHP_URL_HOST ) ) {
		add_settings_error( OPTION, 'url', __( 'The address of the exchange begins with https://.', 'vambe-identity' ) );
		$url = $kept['url'];
	}
	if ( '' === $secret ) {
		$secret = $kept['secret'];
	} elseif ( strlen( $secret ) < SECRET_BYTES ) {
		add_settings_error( OPTION, 'secret', __( 'A secret has at least 32 characters.', 'vambe-identity' ) );
		$secret = $kept['secret'];
	} elseif ( false !== strpos( $secret, ',' ) ) {
		add_settings_error( OPTION, 'secret', __( 'Give one secret, the newest, and not the whole list.', 'vambe-identity' ) );
		$secret = $kept['secret'];
	}
	return array(
		'url'    => $url,
		'secret' => $secret,
		'badge'  => in_array( $text( 'badge' ), BADGES, true ) ? $text( 'badge' ) : $kept['badge'],
	);
}

function print_page(): void {
	if ( ! current_user_can( 'manage_options' ) ) {
		return;
	}
	$settings  = settings();
	$elsewhere = defined( 'VAMBE_IDENTITY_SECRET' );
	$there     = '' === $settings['secret'] ? '' : __( 'Empty keeps the present one', 'vambe-identity' );
	?>
	<div class="wrap">
		<h1><?php esc_html_e( 'Vambe Identity', 'vambe-identity' ); ?></h1>
		<form method="post" action="options.php">
			<?php settings_fields( PAGE ); ?>
			<table class="form-table" role="presentation">
				<tr>
					<th scope="row"><label for="vambe-url"><?php esc_html_e( 'Address of the exchange', 'vambe-identity' ); ?></label></th>
					<td>
						<input id="vambe-url" class="regular-text code" type="url" required
							name="<?php echo esc_attr( OPTION ); ?>[url]" placeholder="https://id.example.com"
							value="<?php echo esc_attr( $settings['url'] ); ?>">
					</td>
				</tr>
				<tr>
					<th scope="row"><label for="vambe-secret"><?php esc_html_e( 'Secret', 'vambe-identity' ); ?></label></th>
					<td>
						<input id="vambe-secret" class="regular-text code" type="password" autocomplete="new-password"
							name="<?php echo esc_attr( OPTION ); ?>[secret]" value=""
							placeholder="<?php echo esc_attr( $there ); ?>"
							<?php disabled( $elsewhere ); ?>>
						<p class="description">
							<?php
							echo $elsewhere
								? esc_html__( 'The constant VAMBE_IDENTITY_SECRET has it.', 'vambe-identity' )
								: esc_html__( 'One of the exchange’s VAMBE_IDENTITY_SECRET. Better in wp-config.php, as the constant VAMBE_IDENTITY_SECRET.', 'vambe-identity' );
							?>
						</p>
					</td>
				</tr>
				<tr>
					<th scope="row"><label for="vambe-badge"><?php esc_html_e( 'Badge', 'vambe-identity' ); ?></label></th>
					<td>
						<select id="vambe-badge" name="<?php echo esc_attr( OPTION ); ?>[badge]">
							<?php foreach ( BADGES as $badge ) : ?>
								<option value="<?php echo esc_attr( $badge ); ?>" <?php selected( $settings['badge'], $badge ); ?>>
									<?php echo esc_html( '' === $badge ? __( 'none', 'vambe-identity' ) : $badge ); ?>
								</option>
							<?php endforeach; ?>
						</select>
					</td>
				</tr>
			</table>
			<?php submit_button(); ?>
		</form>
	</div>
	<?php
}
